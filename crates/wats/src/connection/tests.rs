use super::*;

fn at(base_url: &str) -> Connection {
    Connection::new(base_url, "Lineside/0")
}

#[test]
fn an_address_may_end_in_a_slash_or_in_api() {
    for (given, base) in [
        ("https://acme.wats.com", "https://acme.wats.com/"),
        (" https://acme.wats.com/api/ ", "https://acme.wats.com/"),
        ("https://acme.wats.com/API", "https://acme.wats.com/"),
        ("http://10.0.0.5:8080/wats/api//", "http://10.0.0.5:8080/wats"),
        ("https://acme.wats.com/?x=1#y", "https://acme.wats.com/"),
        ("https://acme.wats.com/myapi", "https://acme.wats.com/myapi"),
    ] {
        assert_eq!(at(given).base().unwrap().as_str(), base);
    }
}

#[test]
fn an_unusable_address_is_named_with_what_to_write_instead() {
    for (given, why) in [
        ("acme.wats.com", "relative URL"),
        ("ftp://acme.wats.com", "must begin with https://"),
        ("https://", "empty host"),
        ("https://anna:geheim@acme.wats.com", "must not contain a login"),
        ("", "relative URL"),
    ] {
        let message = at(given).base().unwrap_err().to_string();
        assert!(message.contains(why) && message.contains("https://acme.wats.com") && !message.contains("geheim"), "{message}");
    }
}

#[test]
fn a_pasted_token_is_freed_of_quotes_and_scheme() {
    for (given, sent) in
        [(Some("\"dG9rZW4=\"\n"), Some("dG9rZW4=")), (Some("Basic dG9rZW4="), Some("dG9rZW4=")), (Some("  "), None), (None, None)]
    {
        let connection = Connection { token: given.map(str::to_owned), ..at("https://a") };
        assert_eq!(connection.bare_token(), sent);
    }
}

#[test]
fn debug_output_shows_no_secret() {
    let connection = Connection {
        token: Some("dG9rZW4=".into()),
        proxy: Proxy::Manual {
            url: "http://anna:geheim@proxy:3128".into(),
            username: Some("anna".into()),
            password: Some("hunter22".into()),
            bypass: String::new(),
        },
        ..at("https://bob:sesam@acme.wats.com")
    };
    let shown = format!("{connection:?} {:#?}", connection.proxy);
    for secret in ["dG9rZW4=", "geheim", "hunter22", "sesam"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
