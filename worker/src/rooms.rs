//! The rooms a report walks through. None of them knows another; `app` alone knows the order.

pub(crate) mod archive;
pub(crate) mod convert;
pub(crate) mod enqueue;
pub(crate) mod settle;
pub(crate) mod upload;
pub(crate) mod watch;

#[cfg(test)]
mod tests;
