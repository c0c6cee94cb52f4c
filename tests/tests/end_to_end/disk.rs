//! Bad disks: full, read-only, failing at one call or at all; and power that goes.

mod tool;
