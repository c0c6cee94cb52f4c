//! Certificates, good and bad.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::{io::AsyncWriteExt, net::TcpListener};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};
use wats::{Cause, Check, ConnectionError, Proxy, Verdict};

use super::*;
use crate::server::{answer, read_request, receipt};

/// An authority made for one test, and a folder with its certificate for `ca_file`.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    pub(crate) fn new() -> Authority {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        std::fs::write(folder.path().join("ca.der"), issuer.der()).unwrap();
        Authority { issuer, folder }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A TLS server with a certificate for `name` that hands out receipts.
    pub(crate) async fn server(&self, name: &str, until: Option<(i32, u8, u8)>) -> SocketAddr {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        if let Some((year, month, day)) = until {
            params.not_before = rcgen::date_time_ymd(2001, 1, 1);
            params.not_after = rcgen::date_time_ymd(year, month, day);
        }
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
            .unwrap();
        serve(TlsAcceptor::from(Arc::new(config))).await
    }
}

async fn serve(acceptor: TlsAcceptor) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await?;
                read_request(&mut stream).await?;
                stream.write_all(&answer("200 OK", "Connection: close\r\n", receipt())).await?;
                stream.shutdown().await
            });
        }
    });
    addr
}

#[tokio::test]
async fn an_unknown_authority_pauses_and_ca_file_makes_it_known() {
    let authority = Authority::new();
    let url = format!("https://{}", authority.server("127.0.0.1", None).await);
    let answer = submit(&connection(&url)).await;
    let text = told(&answer);
    assert!(text.starts_with("Paused { cause: Tls") && text.contains("an authority that this computer does not trust"), "{text}");
    let check = Check::of(&Client::new(&connection(&url)).unwrap().version().await);
    assert!(check.cause == Some(Cause::Tls) && check.fix.unwrap().contains("ca_file"));
    for file in ["ca.pem", "ca.der"] {
        let trusting = Connection { ca_file: Some(authority.file(file)), ..connection(&url) };
        let answer = submit(&trusting).await;
        assert!(matches!(answer.verdict, Verdict::Accepted { .. }), "{answer:?}");
    }
}

#[tokio::test]
async fn a_bad_certificate_is_named_in_plain_words() {
    let authority = Authority::new();
    for (name, until, words) in [("127.0.0.1", Some((2002, 3, 4)), "expired on 2002-03-04"), ("other.example", None, "is for another name")]
    {
        let addr = authority.server(name, until).await;
        let trusting = Connection { ca_file: Some(authority.file("ca.pem")), ..connection(format!("https://{addr}")) };
        let text = told(&submit(&trusting).await);
        assert!(text.starts_with("Paused { cause: Tls") && text.contains(words), "{text}");
    }
}

#[tokio::test]
async fn a_port_without_tls_and_a_server_that_is_too_old_are_told_apart() {
    let old = [0x15, 3, 1, 0, 2, 2, 70];
    for (bytes, words) in [(answer("400 Bad Request", "", ""), "does not speak TLS"), (old.to_vec(), "1.2 or 1.3 is needed")] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.write_all(&bytes).await.unwrap();
            std::future::pending::<()>().await;
        });
        let text = told(&submit(&connection(url)).await);
        assert!(text.starts_with("Paused { cause: Tls") && text.contains(words), "{text}");
    }
}

#[tokio::test]
async fn a_handshake_that_breaks_off_may_pass() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            drop(stream)
        }
    });
    assert!(told(&submit(&connection(url)).await).starts_with("Again"));
}

#[tokio::test]
async fn a_report_goes_through_a_proxys_tunnel_and_the_proxy_never_sees_the_token() {
    let authority = Authority::new();
    let target = authority.server("127.0.0.1", None).await;
    let proxy = super::proxies::tunnel(target).await;
    let through = Connection {
        ca_file: Some(authority.file("ca.pem")),
        proxy: Proxy::Manual {
            url: proxy.url(),
            username: Some("anna".into()),
            password: Some("p@ss:wörd%".into()),
            bypass: String::new(),
        },
        ..connection(format!("https://{target}"))
    };
    let answer = submit(&through).await;
    assert!(matches!(answer.verdict, Verdict::Accepted { .. }), "{answer:?}");
    let head = &proxy.requests()[0].head;
    assert!(head.starts_with(&format!("connect {target} http/1.1\r\n")), "{head}");
    // base64 of anna:p@ss:wörd%, in lower case as everything in `head`
    assert!(head.contains("proxy-authorization: basic yw5uytpwqhnzonfdtnjkjq==\r\n"), "{head}");
    assert!(!head.contains(&TOKEN.to_lowercase()));
}

#[tokio::test]
async fn a_ca_file_that_cannot_be_used_is_named() {
    let authority = Authority::new();
    std::fs::write(authority.file("empty.pem"), "no certificate in here\n").unwrap();
    for name in ["missing.pem", "empty.pem"] {
        let wrong = Connection { ca_file: Some(authority.file(name)), ..connection("https://acme.example") };
        let error = Client::new(&wrong).unwrap_err();
        assert!(matches!(error, ConnectionError::CaFile { .. }));
        assert!(error.to_string().contains(name) && error.to_string().contains("PEM or DER"), "{error}");
    }
}

// only on Linux is the trust store a file that a test can choose

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_trust_store_of_the_computer_counts() {
    let authority = Authority::new();
    let addr = authority.server("127.0.0.1", None).await;
    let (file, folder) = (authority.file("ca.pem"), authority.file("none"));
    let store =
        [("SSL_CERT_FILE", file.display().to_string()), ("SSL_CERT_DIR", folder.display().to_string()), ("URL", format!("https://{addr}"))];
    in_its_own_process("tls::with_the_authority_in_the_trust_store", store).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn with_the_authority_in_the_trust_store() {
    if !is_its_own_process() {
        return;
    }
    let answer = submit(&connection(std::env::var("URL").unwrap())).await;
    assert!(matches!(answer.verdict, Verdict::Accepted { .. }), "{answer:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_computer_without_a_trust_store_can_still_send_to_a_plain_server() {
    let server = crate::server::Server::answering("200 OK", "", receipt()).await;
    let nothing = tempfile::tempdir().unwrap().path().join("none").display().to_string();
    let store = [("SSL_CERT_FILE", nothing.clone()), ("SSL_CERT_DIR", nothing), ("URL", server.url())];
    in_its_own_process("tls::without_a_trust_store", store).await;
    assert_eq!(server.requests().len(), 1);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn without_a_trust_store() {
    if !is_its_own_process() {
        return;
    }
    assert!(matches!(submit(&connection(std::env::var("URL").unwrap())).await.verdict, Verdict::Accepted { .. }));
    let error = Client::new(&connection("https://acme.example")).unwrap_err();
    assert!(error.to_string().contains("set ca_file"), "{error}");
}
