//! What the page may ask for: each command takes a typed form, makes one call, and gives a typed answer or a `CommandError`. No logic here.
//!
//! The list below is the contract with the page: a test writes it to `ui/src/backend/bindings.ts`.

mod chores;
mod desktop;
mod life;
mod log;
mod look;
mod making;
mod pictures;
mod queue;
mod settings;

use std::path::PathBuf;

use instance::{Home, Layout};
use tauri::Wry;
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands, collect_events};

use crate::error::CommandError;
use crate::snapshot::Snapshot;
use crate::window::{FilesDragging, FilesDropped, Navigate};

pub(crate) use desktop::Chosen;
pub(crate) use making::Sandbox;

/// An answer to the page.
type Answer<T> = Result<T, CommandError>;

/// Where the instances are.
pub(crate) struct Place(pub(crate) Home);

impl Place {
    /// The files of an instance that exists.
    fn instance(&self, id: &str) -> Answer<Layout> {
        let known = id.parse().map_err(|error: instance::InvalidId| CommandError::new("not_found", error))?;
        let layout = self.0.instance(&known);
        if layout.dir().is_dir() {
            Ok(layout)
        } else {
            Err(CommandError::new("not_found", format!("there is no instance {id} in {}", self.0.root().display())))
        }
    }

    /// Every folder of an instance.
    fn folders(&self) -> Vec<PathBuf> {
        let ids = self.0.instances().unwrap_or_default();
        ids.iter().map(|id| self.0.instance(id).dir().to_owned()).collect()
    }
}

/// Everything that crosses to the page.
pub(crate) fn contract() -> Builder<Wry> {
    Builder::new()
        .commands(collect_commands![
            life::snapshot,
            life::refresh,
            life::start_instance,
            life::stop_instance,
            life::restart_instance,
            life::force_stop,
            life::pause_uploads,
            life::resume_uploads,
            life::start_all,
            life::stop_all,
            life::remove_instance,
            pictures::activity,
            pictures::yield_of,
            look::formats,
            look::preview,
            look::submit_files,
            look::folder_state,
            settings::load_settings,
            settings::restore_backup,
            settings::check_settings,
            settings::save_settings,
            settings::settings_versions,
            settings::token_state,
            settings::set_token,
            settings::set_proxy_password,
            settings::test_connection,
            queue::queue,
            queue::queue_report,
            queue::retry,
            queue::discard,
            queue::resend,
            queue::history,
            queue::source,
            queue::convert_again,
            log::log_page,
            chores::doctor,
            chores::support_bundle,
            chores::export_instance,
            chores::inspect_import,
            chores::import_instance,
            chores::about,
            making::create_instance,
            making::suggest_station,
            making::start_sandbox,
            making::stop_sandbox,
            desktop::app_settings,
            desktop::save_app_settings,
            desktop::pick_folder,
            desktop::pick_files,
            desktop::pick_save,
            desktop::open_path,
        ])
        .events(collect_events![Snapshot, Navigate, FilesDragging, FilesDropped])
        .error_handling(ErrorHandlingMode::Result)
        .dangerously_cast_bigints_to_number()
        .disable_serde_phases()
}

#[cfg(test)]
mod tests;
