//! The app as the system sees it: what the engine wants done, done; what is clicked, wished.

use std::sync::Arc;
use std::time::{Duration, Instant};

use instance::Ask;
use tauri::{AppHandle, Manager, Wry};
use tauri_plugin_dialog::{DialogExt, MessageDialogButtons, MessageDialogKind};
use tauri_plugin_notification::NotificationExt;
use tauri_plugin_opener::OpenerExt;
use tauri_specta::Event;

use crate::alarms::Notice;
use crate::app_settings::Kept;
use crate::control::Wish;
use crate::engine::{Line, Ports};
use crate::launch::Launcher;
use crate::snapshot::{InstanceSnapshot, Snapshot};
use crate::tray::{self, Action, Verb};
use crate::window;
use crate::words::{Language, Phrase};

/// How long "quit and stop" waits for the workers to finish what is in flight.
const DRAINING: Duration = Duration::from_secs(60);
/// Between two looks whether they have.
const LOOK: Duration = Duration::from_millis(200);

/// The engine's ports, on the real system.
pub(crate) struct Host {
    pub(crate) app: AppHandle<Wry>,
    pub(crate) launcher: Launcher,
    pub(crate) kept: Arc<Kept>,
}

impl Ports for Host {
    fn launch(&mut self, instance: &InstanceSnapshot) -> Result<(), String> {
        self.launcher.launch(&instance.id)
    }

    fn ask(&mut self, instance: &InstanceSnapshot, ask: &Ask) -> Result<(), String> {
        self.launcher.ask(&instance.id, ask)
    }

    fn kill(&mut self, instance: &InstanceSnapshot) -> Result<(), String> {
        self.launcher.kill(&instance.id)
    }

    fn tell(&mut self, notice: &Notice) {
        if !self.kept.get().notifications {
            return;
        }
        let title = language(&self.kept).headline(notice.cause, &notice.name, notice.count);
        let shown = self.app.notification().builder().title(title).body(&notice.detail).show();
        if let Err(error) = shown {
            window::eprint(&format!("a notification cannot be shown: {error}"));
        }
    }

    fn show(&mut self, snapshot: &Snapshot) {
        tray::show(&self.app, tray::model(snapshot, language(&self.kept)));
        // Without a window nobody listens.
        let _nobody = snapshot.emit(&self.app);
    }
}

/// The language to speak now.
pub(crate) fn language(kept: &Kept) -> Language {
    kept.get().language(&sys_locale::get_locale().unwrap_or_default())
}

/// Carries out a click in the tray. On the main thread, so what takes time is done on another.
pub(crate) fn clicked(app: &AppHandle<Wry>, action: Action) {
    match action {
        Action::Open => window::open(app, None),
        Action::CheckUp => window::open(app, Some("/settings")),
        Action::Quit => app.exit(0),
        Action::QuitAndStop => ask_to_stop_all(app),
        Action::StartAll => aside(app, |app, line| tell_failures(app, &wish_all(line, Wish::Start, tray::may_start))),
        Action::StopAll => aside(app, |app, line| tell_failures(app, &wish_all(line, Wish::Stop, tray::may_stop))),
        Action::Of(Verb::Log, id) => window::open(app, Some(&format!("/i/{id}/log"))),
        Action::Of(Verb::Folder, id) => aside(app, move |app, line| {
            let folder = line.latest().instances.into_iter().find(|one| one.id == id).map(|one| one.folder);
            let opened = folder.map(|folder| app.opener().open_path(folder, None::<&str>));
            if let Some(Err(error)) = opened {
                tell_failures(app, &[error.to_string()]);
            }
        }),
        Action::Of(verb, id) => {
            if let Some(wish) = wish(verb) {
                aside(app, move |app, line| {
                    tell_failures(app, &line.wish(wish, &id).err().map(|error| error.message).into_iter().collect::<Vec<_>>())
                });
            }
        }
    }
}

fn wish(verb: Verb) -> Option<Wish> {
    match verb {
        Verb::Start => Some(Wish::Start),
        Verb::Stop => Some(Wish::Stop),
        Verb::Restart => Some(Wish::Restart),
        Verb::Force => Some(Wish::Force),
        Verb::Pause => Some(Wish::Pause),
        Verb::Resume => Some(Wish::Resume),
        Verb::Folder | Verb::Log => None,
    }
}

/// Has the same wish carried out for every instance for which it makes sense; what went wrong.
pub(crate) fn wish_all(line: &Line, wish: Wish, makes_sense: fn(&InstanceSnapshot) -> bool) -> Vec<String> {
    let latest = line.look();
    let wished = latest.instances.iter().filter(|one| makes_sense(one)).map(|one| line.wish(wish, &one.id));
    wished.filter_map(Result::err).map(|error| error.message).collect()
}

fn aside(app: &AppHandle<Wry>, work: impl FnOnce(&AppHandle<Wry>, &Line) + Send + 'static) {
    let app = app.clone();
    std::thread::spawn(move || {
        let line = app.state::<Line>().inner().clone();
        work(&app, &line);
    });
}

fn tell_failures(app: &AppHandle<Wry>, failures: &[String]) {
    if failures.is_empty() {
        return;
    }
    let language = language(&app.state::<Arc<Kept>>());
    app.dialog().message(failures.join("\n")).title(language.say(Phrase::NotDone)).kind(MessageDialogKind::Error).show(|_| {});
}

fn ask_to_stop_all(app: &AppHandle<Wry>) {
    let language = language(&app.state::<Arc<Kept>>());
    let buttons =
        MessageDialogButtons::OkCancelCustom(language.say(Phrase::QuitAndStopTitle).to_owned(), language.say(Phrase::Cancel).to_owned());
    let asking = app.clone();
    app.dialog().message(language.say(Phrase::QuitAndStopQuestion)).title(language.say(Phrase::QuitAndStopTitle)).buttons(buttons).show(
        move |yes| {
            if yes {
                aside(&asking, stop_all_and_quit);
            }
        },
    );
}

/// Quits once no worker runs any more; where one does not stop, says so and stays.
fn stop_all_and_quit(app: &AppHandle<Wry>, line: &Line) {
    let failures = wish_all(line, Wish::Stop, tray::may_stop);
    let begun = Instant::now();
    while failures.is_empty() && begun.elapsed() < DRAINING {
        if line.look().instances.iter().all(|one| !one.running) {
            app.exit(0);
            return;
        }
        std::thread::sleep(LOOK);
    }
    let still = line.latest().instances.into_iter().filter(|one| one.running).map(|one| format!("{}: {}", one.name, one.message));
    tell_failures(app, &failures.into_iter().chain(still).collect::<Vec<_>>());
}
