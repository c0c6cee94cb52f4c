//! Editing and saving settings: nothing is lost, nobody is overwritten, and a crash leaves the old file or the new one.

#![allow(clippy::unwrap_used)] // the lint knows test functions, not what they call

use std::{fs, thread};

use instance::{ConfigError, Document, Layout, SaveError, Scope, Token, config, secret};
use serde_json::{Value, json};

fn layout() -> (tempfile::TempDir, Layout) {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::at(dir.path(), Scope::User);
    (dir, layout)
}

fn unset(_: &str) -> Option<String> {
    None
}

fn text(layout: &Layout) -> String {
    fs::read_to_string(layout.config()).unwrap()
}

fn beside(layout: &Layout, ending: &str) -> String {
    fs::read_to_string(format!("{}{ending}", layout.config().display())).unwrap()
}

fn names(layout: &Layout) -> Vec<String> {
    let entries = fs::read_dir(layout.dir()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn new_settings_are_saved_once_and_not_over_others() {
    let (_dir, layout) = layout();
    assert!(matches!(Document::open(&layout), Err(ConfigError::Missing { .. })));
    let mut document = Document::create();
    document.set("service_address", json!("https://acme.example")).unwrap();
    let hash = document.save(&layout).unwrap();
    let loaded = config::load(&layout, &unset).unwrap();
    assert_eq!((&loaded.hash, loaded.config.service_address.as_str()), (&hash, "https://acme.example"));
    assert!(hash.len() >= 16 && hash == config::hash_of(text(&layout).as_bytes()));
    let other = Document::create().save(&layout);
    assert!(matches!(other, Err(SaveError::Changed { found: Some(found) }) if found == hash));
}

#[test]
fn unknown_keys_their_order_and_their_digits_survive_an_edit() {
    let (_dir, layout) = layout();
    fs::write(layout.config(), r#"{"zebra": 1.50, "converters": [{"name": "ict", "apple": {"deep": [1e3]}}], "schema_version": 3}"#)
        .unwrap();
    let mut document = Document::open(&layout).unwrap();
    document.set("converters[0].priority", json!(2)).unwrap();
    document.save(&layout).unwrap();
    let compact = serde_json::from_str::<Value>(&text(&layout)).unwrap().to_string();
    assert_eq!(
        compact,
        r#"{"zebra":1.50,"converters":[{"name":"ict","apple":{"deep":[1e3]},"priority":2}],"schema_version":3}"#.replace("1e3", "1e+3")
    );
}

#[test]
fn a_variable_stays_a_variable_unless_its_value_was_changed() {
    let (_dir, layout) = layout();
    let raw = json!({"schema_version": 3, "location": "${HALL}", "purpose": "${USE:-Production}", "max_concurrent_uploads": "${N}"});
    config::save(&layout, &raw, None).unwrap();
    let env = |name: &str| match name {
        "HALL" => Some("Hall 2".to_owned()),
        "N" => Some("7".to_owned()),
        _ => None,
    };
    let loaded = config::load(&layout, &env).unwrap();
    assert_eq!((loaded.config.location.as_str(), loaded.config.max_concurrent_uploads), ("Hall 2", 7));
    let mut wanted = loaded.config.clone();
    wanted.purpose = "Rework".into();
    wanted.paused = true;
    let mut document = loaded.document().clone();
    document.update(&loaded.config, &wanted).unwrap();
    document.save(&layout).unwrap();
    let expected =
        json!({"schema_version": 3, "location": "${HALL}", "purpose": "Rework", "max_concurrent_uploads": "${N}", "paused": true});
    assert_eq!(serde_json::from_str::<Value>(&text(&layout)).unwrap(), expected);
    assert_eq!(config::load(&layout, &env).unwrap().config, wanted);
}

#[test]
fn the_second_of_two_editors_is_told_and_nothing_is_lost() {
    let (_dir, layout) = layout();
    Document::create().save(&layout).unwrap();
    let (mut one, mut two) = (Document::open(&layout).unwrap(), Document::open(&layout).unwrap());
    one.set("location", json!("one")).unwrap();
    two.set("location", json!("two")).unwrap();
    one.save(&layout).unwrap();
    assert!(matches!(two.save(&layout), Err(SaveError::Changed { .. })));
    assert!(text(&layout).contains("one"));
    fs::remove_file(layout.config()).unwrap();
    assert!(matches!(one.save(&layout), Err(SaveError::Changed { found: None })));
}

#[test]
fn of_many_editors_at_once_none_overwrites_another() {
    let (_dir, layout) = layout();
    Document::create().save(&layout).unwrap();
    thread::scope(|scope| {
        for editor in 0..4 {
            let layout = &layout;
            scope.spawn(move || {
                for turn in 0..5 {
                    loop {
                        let mut document = Document::open(layout).unwrap();
                        document.set(&format!("seen.e{editor}_{turn}"), json!(true)).unwrap();
                        match document.save(layout) {
                            Ok(_) => break,
                            Err(SaveError::Changed { .. }) => {}
                            Err(e) => panic!("{e}"),
                        }
                    }
                }
            });
        }
    });
    let document = Document::open(&layout).unwrap();
    assert_eq!(document.get("seen").unwrap().unwrap().as_object().unwrap().len(), 20);
}

#[test]
fn the_former_settings_are_kept_beside_the_new_ones() {
    let (_dir, layout) = layout();
    let mut document = Document::create();
    document.save(&layout).unwrap();
    let first = text(&layout);
    document.set("location", json!("new")).unwrap();
    document.save(&layout).unwrap();
    assert_eq!(beside(&layout, ".bak"), first);
    assert_eq!(names(&layout), [".client_config.turn", "client_config.json", "client_config.json.bak", "versions"]);
}

#[test]
fn saving_what_is_already_there_touches_nothing() {
    let (_dir, layout) = layout();
    Document::create().save(&layout).unwrap();
    let before = fs::metadata(layout.config()).unwrap().modified().unwrap();
    let mut document = Document::open(&layout).unwrap();
    assert_eq!(document.save(&layout).unwrap(), document.hash().unwrap());
    assert_eq!(fs::metadata(layout.config()).unwrap().modified().unwrap(), before);
    assert_eq!(names(&layout), [".client_config.turn", "client_config.json"]);
}

#[test]
fn settings_that_break_the_schema_are_not_saved() {
    let (_dir, layout) = layout();
    let broken = json!({"schema_version": 3, "paused": "maybe", "max_concurrent_uploads": 99});
    let Err(SaveError::Invalid(e)) = config::save(&layout, &broken, None) else { panic!("saved") };
    assert_eq!(e.problems().iter().map(|problem| problem.path.as_str()).collect::<Vec<_>>(), ["paused", "max_concurrent_uploads"]);
    assert!(!layout.config().exists());
}

#[test]
fn a_text_from_the_command_line_gets_the_type_the_setting_has() {
    let mut document = Document::create();
    for (path, given, expected) in [
        ("station_name", "7", json!("7")),
        ("max_concurrent_uploads", "7", json!(7)),
        ("max_concurrent_uploads", "${N}", json!("${N}")),
        ("paused", "true", json!(true)),
        ("paused", "perhaps", json!("perhaps")),
        ("operator", "null", json!(null)),
        ("proxy.mode", "none", json!("none")),
        ("converters[0].watch_folder", "/data", json!("/data")),
        ("converters[0].file_patterns", r#"["*.csv"]"#, json!(["*.csv"])),
        ("converters[0].options.columns", "3", json!(3)),
        ("my_own", "word", json!("word")),
    ] {
        document.set_text(path, given).unwrap();
        assert_eq!(document.get(path).unwrap(), Some(&expected), "{path}");
    }
    assert_eq!(document.remove("converters[0].options.columns").unwrap(), Some(json!(3)));
    assert_eq!(document.remove("nothing.there").unwrap(), None);
    assert!(document.set_text("converters[7].name", "x").is_err());
    assert!(document.get("a..b").is_err());
}

#[test]
fn reading_never_writes_and_needs_no_right_to() {
    let (_dir, layout) = layout();
    fs::write(layout.config(), r#"{"schema_version": "2.0", "api_token": "canary"}"#).unwrap();
    let before = fs::metadata(layout.config()).unwrap().modified().unwrap();
    let loaded = config::load(&layout, &unset).unwrap();
    assert_eq!(loaded.migration.unwrap().secret.unwrap().token, Token::new("canary").unwrap());
    assert_eq!(names(&layout), ["client_config.json"]);
    assert_eq!(fs::metadata(layout.config()).unwrap().modified().unwrap(), before);
}

#[test]
fn migrating_moves_the_token_and_keeps_the_old_file() {
    let (_dir, layout) = layout();
    let old = r#"{"schema_version": "2.0", "api_token": " canary ", "proxy_password": "pw", "station_name": "ICT-3"}"#;
    fs::write(layout.config(), old).unwrap();
    let migration = config::migrate(&layout).unwrap().unwrap();
    assert_eq!(migration.from, "2.0");
    let secret = secret::load(&layout, &unset).unwrap().unwrap();
    assert_eq!((secret.token.expose(), secret.proxy_password.unwrap().expose()), ("canary", "pw"));
    let kept: Value = serde_json::from_str(&beside(&layout, ".v2.bak")).unwrap();
    let moved = "moved to secret.json";
    assert_eq!(kept, json!({"schema_version": "2.0", "api_token": moved, "proxy_password": moved, "station_name": "ICT-3"}));
    assert_eq!(serde_json::from_str::<Value>(&text(&layout)).unwrap(), json!({"schema_version": 3, "station_name": "ICT-3"}));
    assert!(config::migrate(&layout).unwrap().is_none());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        for file in names(&layout).iter().filter(|name| name.ends_with("json") || name.ends_with(".bak")) {
            let mode = fs::metadata(layout.dir().join(file)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
    }
}

#[test]
fn no_secret_of_the_old_file_is_left_in_clear_text() {
    let (_dir, layout) = layout();
    let old = json!({"schema_version": "1.0", "api_token": "canary-1", "proxy_password": "canary-2", "proxy": {"host": "p", "password": "canary-3"},
        "webhook_auth_value": "canary-4", "password": "canary-5", "gui": {"width": 1.50}});
    fs::write(layout.config(), format!("\u{feff}{old}")).unwrap();
    config::migrate(&layout).unwrap();
    for name in names(&layout).iter().filter(|name| *name != "secret.json") {
        let text = fs::read_to_string(layout.dir().join(name)).unwrap();
        assert!(!text.contains("canary"), "{name}: {text}");
    }
    let kept: Value = serde_json::from_str(&beside(&layout, ".v1.bak")).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!((keys(&kept), &kept["proxy"]["host"], &kept["gui"]), (keys(&old), &old["proxy"]["host"], &old["gui"]));
}

#[test]
fn a_proxy_password_that_cannot_be_moved_without_a_token_is_to_be_entered_again() {
    let (_dir, layout) = layout();
    fs::write(layout.config(), r#"{"schema_version": "2.0", "proxy_password": "canary"}"#).unwrap();
    config::migrate(&layout).unwrap();
    let kept: Value = serde_json::from_str(&beside(&layout, ".v2.bak")).unwrap();
    assert_eq!(kept["proxy_password"], "removed: enter it again");
}

#[test]
fn migrating_keeps_the_token_that_is_already_there() {
    let (_dir, layout) = layout();
    let newer = instance::Secret { token: Token::new("newer").unwrap(), proxy_password: None };
    secret::save(&layout, &newer).unwrap();
    fs::write(layout.config(), r#"{"schema_version": "1.0", "api_token": "older", "proxy_password": "pw"}"#).unwrap();
    config::migrate(&layout).unwrap();
    assert_eq!(secret::load(&layout, &unset).unwrap(), Some(instance::Secret { proxy_password: Token::new("pw"), ..newer }));
}

#[test]
fn what_a_migration_found_does_not_print_the_token() {
    let (_dir, layout) = layout();
    fs::write(layout.config(), r#"{"schema_version": "2.0", "api_token": "canary", "proxy": {"password": "canary"}}"#).unwrap();
    let loaded = config::load(&layout, &unset).unwrap();
    let printed = format!("{loaded:?} {}", loaded.document().value());
    assert!(!printed.contains("canary"), "{printed}");
}

#[cfg(unix)]
#[test]
fn the_system_scope_lets_its_group_read_the_settings() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    for (scope, expected) in [(Scope::User, 0o600), (Scope::System, 0o640)] {
        let layout = Layout::at(dir.path().join(format!("{scope:?}")), scope);
        layout.create().unwrap();
        Document::create().save(&layout).unwrap();
        assert_eq!(fs::metadata(layout.config()).unwrap().permissions().mode() & 0o777, expected);
    }
}
