use super::*;
use crate::Scope;

const CANARY: &str = "canary-7f3a";

fn layout() -> (tempfile::TempDir, Layout) {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout::at(dir.path(), Scope::User);
    (dir, layout)
}

fn unset(_: &str) -> Option<String> {
    None
}

fn secret() -> Secret {
    Secret { token: Token::new(CANARY).unwrap(), proxy_password: Token::new("pw") }
}

#[test]
fn a_token_never_prints() {
    let secret = secret();
    let texts = [format!("{secret:?} {:#?}", secret), format!("{} {:?}", secret.token, secret.token)];
    assert!(texts.iter().all(|text| !text.contains(CANARY) && text.contains("***")), "{texts:?}");
}

#[test]
fn a_pasted_token_loses_its_quotes_and_spaces() {
    for (pasted, expected) in [
        ("abc", Some("abc")),
        ("  abc\r\n", Some("abc")),
        ("\"abc\"", Some("abc")),
        ("' abc '", Some("abc")),
        ("\u{feff}abc\r\n", Some("abc")),
        ("\"abc", Some("\"abc")),
        ("", None),
        (" \"\" ", None),
    ] {
        assert_eq!(Token::new(pasted).as_ref().map(Token::expose), expected, "{pasted:?}");
    }
}

#[test]
fn a_secret_reads_back_as_it_was_written() {
    let (_dir, layout) = layout();
    assert_eq!(load(&layout, &unset).unwrap(), None);
    save(&layout, &secret()).unwrap();
    assert_eq!(load(&layout, &unset).unwrap(), Some(secret()));
    remove(&layout).unwrap();
    remove(&layout).unwrap();
    assert_eq!(load(&layout, &unset).unwrap(), None);
}

#[test]
fn the_environment_counts_only_where_there_is_no_file() {
    let (_dir, layout) = layout();
    let env = |name: &str| (name == TOKEN_VARIABLE).then(|| " 'other' ".to_owned());
    let token = |env: &dyn Fn(&str) -> Option<String>| load(&layout, env).unwrap().map(|s| s.token.expose().to_owned());
    assert_eq!(token(&env).as_deref(), Some("other"));
    assert_eq!(token(&|_| Some(String::new())), None);
    save(&layout, &secret()).unwrap();
    assert_eq!(token(&env).as_deref(), Some(CANARY));
    assert_eq!(load(&layout, &env).unwrap().unwrap().proxy_password, Token::new("pw"));
    assert_eq!(token(&|_| Some(String::new())).as_deref(), Some(CANARY));
}

#[test]
fn a_secret_written_by_hand_may_begin_with_a_byte_order_mark() {
    let (_dir, layout) = layout();
    save(&layout, &secret()).unwrap();
    fs::write(layout.secret(), format!("\u{feff}{{\"token\": \"{CANARY}\"}}\r\n")).unwrap();
    assert_eq!(load(&layout, &unset).unwrap().unwrap().token.expose(), CANARY);
}

#[test]
fn a_broken_secret_file_is_named_and_not_quoted() {
    let (_dir, layout) = layout();
    for broken in [format!("{{\"token\": {CANARY}"), format!("\"{CANARY}\""), format!("{{\"token\": [\"{CANARY}\"]}}")] {
        save(&layout, &secret()).unwrap();
        fs::write(layout.secret(), &broken).unwrap();
        let e = load(&layout, &unset).unwrap_err();
        let text = format!("{e} {e:?}");
        assert!(text.contains("secret.json") && !text.contains(CANARY), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_may_read_is_refused_with_the_fix() {
    use std::os::unix::fs::PermissionsExt;
    let (_dir, layout) = layout();
    save(&layout, &secret()).unwrap();
    assert_eq!(fs::metadata(layout.secret()).unwrap().permissions().mode() & 0o777, 0o600);
    for mode in [0o640, 0o604, 0o660, 0o777] {
        fs::set_permissions(layout.secret(), fs::Permissions::from_mode(mode)).unwrap();
        let e = load(&layout, &unset).unwrap_err();
        assert!(matches!(&e, SecretError::Exposed { fix, .. } if fix.starts_with("chmod 600 ")), "{e}");
        assert!(e.to_string().contains(&format!("{mode:04o}")), "{e}");
    }
    for mode in [0o600, 0o400] {
        fs::set_permissions(layout.secret(), fs::Permissions::from_mode(mode)).unwrap();
        assert!(load(&layout, &unset).is_ok());
    }
}

#[cfg(unix)]
#[test]
fn another_token_leaves_the_proxy_password_and_closes_a_file_that_others_could_read() {
    use std::os::unix::fs::PermissionsExt;
    let (_dir, layout) = layout();
    save(&layout, &secret()).unwrap();
    fs::set_permissions(layout.secret(), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(load(&layout, &unset), Err(SecretError::Exposed { .. })));
    replace_token(&layout, Token::new("new").unwrap()).unwrap();
    let expected = Secret { token: Token::new("new").unwrap(), ..secret() };
    assert_eq!(load(&layout, &unset).unwrap(), Some(expected));
}
