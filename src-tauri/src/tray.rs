//! The tray icon: a model drawn with the system's means. Where no panel takes it yet, it is tried again every two seconds.

mod model;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tauri::image::Image;
use tauri::menu::{IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Wry, include_image};

pub(crate) use model::{Action, TrayModel, Verb, may_start, may_stop, model};

use crate::snapshot::Tone;
use model::Entry;

/// Between two tries to find a panel that takes the icon.
const TRY_AGAIN: Duration = Duration::from_secs(2);

/// What a click on the icon or its menu does.
pub(crate) type Clicked = fn(&AppHandle<Wry>, Action);

/// The tray icon and what it shows.
pub(crate) struct Tray {
    clicked: Clicked,
    state: Mutex<Shown>,
}

#[derive(Default)]
struct Shown {
    icon: Option<TrayIcon<Wry>>,
    model: Option<TrayModel>,
    trying: bool,
}

impl Tray {
    pub(crate) fn new(clicked: Clicked) -> Tray {
        Tray { clicked, state: Mutex::new(Shown::default()) }
    }
}

/// Shows a model, if it differs from the one shown. From any thread.
pub(crate) fn show(app: &AppHandle<Wry>, model: TrayModel) {
    let handle = app.clone();
    // Fails only while the app ends.
    let _ending = app.run_on_main_thread(move || show_here(&handle, model));
}

/// On the main thread, where menus live.
fn show_here(app: &AppHandle<Wry>, model: TrayModel) {
    let tray = app.state::<Tray>();
    let mut shown = tray.state.lock().unwrap_or_else(PoisonError::into_inner);
    if shown.model.as_ref() == Some(&model) && shown.icon.is_some() {
        return;
    }
    let drawn = match &shown.icon {
        Some(icon) => redraw(app, icon, shown.model.as_ref(), &model),
        None => build(app, tray.clicked, &model).map(|icon| shown.icon = Some(icon)),
    };
    shown.model = Some(model);
    if drawn.is_err() && !shown.trying {
        shown.trying = true;
        try_again(app.clone());
    }
}

/// No panel takes the icon: on Linux it may come up after us, or be another program's.
fn try_again(app: AppHandle<Wry>) {
    std::thread::spawn(move || {
        std::thread::sleep(TRY_AGAIN);
        let handle = app.clone();
        let _ending = app.run_on_main_thread(move || {
            let model = {
                let tray = handle.state::<Tray>();
                let mut shown = tray.state.lock().unwrap_or_else(PoisonError::into_inner);
                shown.trying = false;
                shown.model.clone()
            };
            if let Some(model) = model {
                show_here(&handle, model);
            }
        });
    });
}

fn build(app: &AppHandle<Wry>, clicked: Clicked, model: &TrayModel) -> tauri::Result<TrayIcon<Wry>> {
    TrayIconBuilder::with_id("lineside")
        .icon(image(model.tone))
        .icon_as_template(cfg!(target_os = "macos"))
        .tooltip(&model.tooltip)
        .menu(&menu(app, &model.entries)?)
        .show_menu_on_left_click(cfg!(target_os = "macos"))
        .on_menu_event(move |app, event| {
            if let Some(action) = Action::parse(event.id().as_ref()) {
                clicked(app, action);
            }
        })
        .on_tray_icon_event(move |icon, event| {
            if let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } = event {
                clicked(icon.app_handle(), Action::Open);
            }
        })
        .build(app)
}

fn redraw(app: &AppHandle<Wry>, icon: &TrayIcon<Wry>, before: Option<&TrayModel>, model: &TrayModel) -> tauri::Result<()> {
    if before.is_none_or(|before| before.tone != model.tone) {
        icon.set_icon_with_as_template(Some(image(model.tone)), cfg!(target_os = "macos"))?;
    }
    if before.is_none_or(|before| before.tooltip != model.tooltip) {
        icon.set_tooltip(Some(&model.tooltip))?;
    }
    if before.is_none_or(|before| before.entries != model.entries) {
        icon.set_menu(Some(menu(app, &model.entries)?))?;
    }
    Ok(())
}

fn menu(app: &AppHandle<Wry>, entries: &[Entry]) -> tauri::Result<Menu<Wry>> {
    let menu = Menu::new(app)?;
    for entry in entries {
        menu.append(item(app, entry)?.as_ref())?;
    }
    Ok(menu)
}

fn item(app: &AppHandle<Wry>, entry: &Entry) -> tauri::Result<Box<dyn IsMenuItem<Wry>>> {
    Ok(match entry {
        Entry::Rule => Box::new(PredefinedMenuItem::separator(app)?),
        Entry::Text(text) => Box::new(MenuItem::new(app, plain(text), false, None::<&str>)?),
        Entry::Click { action, text, enabled } => Box::new(MenuItem::with_id(app, action.id(), plain(text), *enabled, None::<&str>)?),
        Entry::Group { text, entries } => {
            let group = Submenu::new(app, plain(text), true)?;
            for entry in entries {
                group.append(item(app, entry)?.as_ref())?;
            }
            Box::new(group)
        }
    })
}

/// An ampersand would be taken for the mark of a key.
fn plain(text: &str) -> String {
    text.replace('&', "&&")
}

/// The icon, which reads on light bars and on dark ones: nobody tells a program which it is on.
#[cfg(not(target_os = "macos"))]
fn image(tone: Tone) -> Image<'static> {
    match tone {
        Tone::Off => include_image!("../icons/tray/off.png"),
        Tone::Starting => include_image!("../icons/tray/starting.png"),
        Tone::Ok => include_image!("../icons/tray/ok.png"),
        Tone::Busy => include_image!("../icons/tray/busy.png"),
        Tone::Warning => include_image!("../icons/tray/warning.png"),
        Tone::Error => include_image!("../icons/tray/error.png"),
    }
}

/// The icon as a template, which macOS colours.
#[cfg(target_os = "macos")]
fn image(tone: Tone) -> Image<'static> {
    match tone {
        Tone::Off => include_image!("../icons/tray/off-template.png"),
        Tone::Starting => include_image!("../icons/tray/starting-template.png"),
        Tone::Ok => include_image!("../icons/tray/ok-template.png"),
        Tone::Busy => include_image!("../icons/tray/busy-template.png"),
        Tone::Warning => include_image!("../icons/tray/warning-template.png"),
        Tone::Error => include_image!("../icons/tray/error-template.png"),
    }
}
