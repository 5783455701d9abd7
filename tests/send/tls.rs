//! TLS, with certificates of the test's own authority.

use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::sync::Arc;

use rustls::ServerConfig;
use sigv4_kit::provider::Environment;
use sigv4_kit::send::{ClientBuilder, Proxies, SendError, TransportError};

use super::authority::{Authority, Issued};
use super::server::{Server, Then, answer};
use super::{builder, verify};

const NAME: &str = "vpc-x.us-east-1.es.amazonaws.com";
const URL: &str = "https://vpc-x.us-east-1.es.amazonaws.com/_cat/nodes?v";
const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

/// A bundle with the authority's certificate, which goes away with the test.
struct Bundle(PathBuf);

impl Bundle {
    fn new(name: &str, text: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("sigv4-kit-{}-{name}.pem", std::process::id()));
        fs::write(&path, text).unwrap();
        Bundle(path)
    }
}

impl Drop for Bundle {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn server(issued: Issued, behind_proxy: bool) -> Server {
    Server::start_tls(config(issued), behind_proxy, |_, _| Then::Answer(OK.into()))
}

fn config(issued: Issued) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![issued.certificate], issued.key)
        .unwrap()
}

/// Dials the server, whatever the URL says.
fn dialling(server: &Server) -> ClientBuilder {
    builder().connect_to(&server.address.to_string())
}

fn tls_error(builder: ClientBuilder) -> SendError {
    let failed = builder
        .build()
        .unwrap()
        .request("GET", URL)
        .send()
        .unwrap_err();
    let is_tls = matches!(failed, SendError::Transport(TransportError::Tls { .. }));
    assert!(is_tls, "{failed}");
    failed
}

#[test]
fn through_a_tunnel_every_name_stays_the_url_s() {
    let authority = Authority::new();
    let bundle = Bundle::new("tunnel", &authority.pem());
    let server = server(authority.issue(NAME), false);
    let client = dialling(&server).ca_bundle(&bundle.0).build().unwrap();
    for _ in 0..3 {
        let sent = client.request("GET", URL).send().unwrap();
        assert_eq!(sent.text().unwrap(), "ok");
    }
    for received in server.received() {
        assert_eq!(received.server_name.as_deref(), Some(NAME));
        assert_eq!(received.header("host"), Some(NAME));
        assert_eq!(received.connection, 0, "the connection is kept");
        verify(&received).unwrap();
    }
}

#[test]
fn the_environment_names_the_bundle_too() {
    let authority = Authority::new();
    let bundle = Bundle::new("environment", &authority.pem());
    let server = server(authority.issue(NAME), false);
    let path = bundle.0.to_str().unwrap();
    let environment = Environment::empty().with_variable("AWS_CA_BUNDLE", path);
    let client = dialling(&server).environment(environment).build().unwrap();
    assert_eq!(client.request("GET", URL).send().unwrap().status(), 200);
}

#[test]
fn a_certificate_for_another_name_is_refused_and_nothing_is_sent() {
    let authority = Authority::new();
    let bundle = Bundle::new("other-name", &authority.pem());
    let server = server(authority.issue("localhost"), false);
    let failed = tls_error(dialling(&server).ca_bundle(&bundle.0));
    assert_eq!(failed.diagnosis().unwrap().id, "tls-name");
    assert!(server.received().is_empty());
}

#[test]
fn an_authority_that_is_not_trusted_is_refused_and_nothing_is_sent() {
    let other = Bundle::new("other-authority", &Authority::new().pem());
    let server = server(Authority::new().issue(NAME), false);
    for builder in [dialling(&server), dialling(&server).ca_bundle(&other.0)] {
        let failed = tls_error(builder);
        let known = failed.diagnosis().map(|diagnosis| diagnosis.id);
        assert!(
            known == Some("tls-issuer") || failed.to_string().contains("BadSignature"),
            "{failed}"
        );
    }
    assert!(server.received().is_empty());
}

#[test]
fn a_certificate_that_expired_is_refused() {
    let authority = Authority::new();
    let bundle = Bundle::new("expired", &authority.pem());
    let server = server(authority.issue_until(NAME, "160101000000Z"), false);
    let failed = tls_error(dialling(&server).ca_bundle(&bundle.0));
    assert!(
        failed.to_string().to_lowercase().contains("expired"),
        "{failed}"
    );
}

#[test]
fn a_server_without_tls_is_told_from_one_that_is_away() {
    let plain = Server::start(|_, _| Then::AnswerAndClose(OK.into()));
    // The server reads a handshake where it expects a request line, and closes.
    let client = dialling(&plain).build().unwrap();
    let failed = client.request("POST", URL).body("{}").send().unwrap_err();
    assert!(
        matches!(
            failed,
            SendError::Transport(TransportError::Tls { .. } | TransportError::Broken(_))
        ),
        "{failed}"
    );
}

#[test]
fn through_a_proxy_tls_goes_to_the_url_s_host() {
    let authority = Authority::new();
    let bundle = Bundle::new("proxy", &authority.pem());
    let server = server(authority.issue(NAME), true);
    let proxies = Proxies::all(&format!("http://{}", server.address));
    let client = builder()
        .proxies(proxies)
        .ca_bundle(&bundle.0)
        .build()
        .unwrap();
    assert_eq!(client.request("GET", URL).send().unwrap().status(), 200);
    let received = server.received();
    assert_eq!(received[0].target, format!("{NAME}:443"));
    assert_eq!(received[0].header("authorization"), None);
    assert_eq!(received[0].header("x-amz-date"), None);
    assert_eq!(received[1].server_name.as_deref(), Some(NAME));
    verify(&received[1]).unwrap();
}

#[test]
fn a_bundle_that_cannot_be_used_is_named() {
    for (name, text) in [
        ("empty", ""),
        ("text", "no certificate"),
        ("cut", "-----BEGIN CERTIFICATE-----\nMIIB"),
    ] {
        let bundle = Bundle::new(name, text);
        let refused = builder().ca_bundle(&bundle.0).build();
        assert!(matches!(refused, Err(SendError::File { .. })), "{name}");
    }
    let missing = builder().ca_bundle("/nonexistent/bundle.pem").build();
    assert!(matches!(
        missing,
        Err(SendError::File {
            kind: std::io::ErrorKind::NotFound,
            ..
        })
    ));
}

#[test]
fn an_answer_before_the_body_was_taken_passes_tls_too() {
    let authority = Authority::new();
    let bundle = Bundle::new("early", &authority.pem());
    let config = Arc::new(config(authority.issue(NAME)));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        // The answer is on its way before the connection is closed.
        stream.set_nodelay(true).unwrap();
        let tls = rustls::ServerConnection::new(config).unwrap();
        let mut stream = rustls::StreamOwned::new(tls, stream);
        stream.read_exact(&mut [0; 64]).unwrap();
        stream
            .write_all(&answer("403 Forbidden", &[], "no"))
            .unwrap();
    });
    let builder = builder().connect_to(&address).ca_bundle(&bundle.0);
    let client = builder.build().unwrap();
    let request = client.request("PUT", URL).body(vec![b'x'; 32 << 20]);
    let sent = request.send().unwrap();
    assert_eq!((sent.status(), sent.attempts()), (403, 1));
    assert_eq!(sent.text().unwrap(), "no");
}
