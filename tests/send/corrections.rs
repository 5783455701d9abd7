//! What the server names as wrong is corrected once, and told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use sigv4_kit::Credentials;
use sigv4_kit::provider::{ProvideCredentials, ProviderError};
use sigv4_kit::send::{Note, SendError};

use super::server::{Received, Server, Then, answer};
use super::{NOW, SECRET, builder, client, verify, verify_for};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn refused(body: &str) -> Then {
    let headers = ["content-type: application/json", "x-amzn-requestid: id-1"];
    Then::Answer(answer("403 Forbidden", &headers, body))
}

/// A server whose clock shows another time, and who says so as AWS does.
fn skewed(ahead: i64) -> Server {
    Server::start(
        move |_, received| match verify_for(received, "us-east-1", "es", NOW + ahead) {
            Ok(_) => Then::Answer(OK.into()),
            Err(_) => {
                let date = |seconds| sigv4_kit::signing::Date::from_unix_seconds(seconds).unwrap();
                let signed = received.header("x-amz-date").unwrap();
                let now = date(NOW + ahead);
                let words = match ahead > 0 {
                    true => format!(
                        "Signature expired: {signed} is now earlier than {} ({now} - 5 min.)",
                        date(NOW + ahead - 300)
                    ),
                    false => format!(
                        "Signature not yet current: {signed} is still later than {} ({now} + 5 min.)",
                        date(NOW + ahead + 300)
                    ),
                };
                refused(&format!("{{\"message\":\"{words}\"}}"))
            }
        },
    )
}

#[test]
fn a_clock_that_is_wrong_is_corrected_once_and_the_client_keeps_it() {
    for ahead in [3600, -3600, 86_400] {
        let server = skewed(ahead);
        let client = client();
        let sent = client
            .request("POST", &server.url("/i/_doc"))
            .body("{}")
            .send()
            .unwrap();
        assert_eq!((sent.status(), sent.attempts()), (200, 2), "{ahead}");
        assert_eq!(
            sent.notes(),
            [Note::ClockCorrected {
                skew_seconds: ahead
            }]
        );
        let next = client.request("GET", &server.url("/")).send().unwrap();
        assert_eq!((next.status(), next.attempts()), (200, 1));
    }
}

#[test]
fn a_clock_correction_that_does_not_help_is_taken_back() {
    let server = Server::start(|number, received| match number {
        0 | 1 => refused(
            "{\"message\":\"Signature expired: 20150830T123600Z is now earlier than 20150830T133100Z (20150830T133600Z - 5 min.)\"}",
        ),
        _ => match verify(received) {
            Ok(_) => Then::Answer(OK.into()),
            Err(error) => panic!("{error}"),
        },
    });
    let client = client();
    let sent = client.request("GET", &server.url("/")).send().unwrap();
    assert_eq!((sent.status(), sent.attempts()), (403, 2));
    let next = client.request("GET", &server.url("/")).send().unwrap();
    assert_eq!(next.status(), 200);
}

#[test]
fn a_date_that_the_caller_chose_stays() {
    let server = skewed(3600);
    let request = client().request("GET", &server.url("/"));
    let sent = request
        .header("x-amz-date", "20150830T123000Z")
        .send()
        .unwrap();
    assert_eq!((sent.status(), sent.attempts()), (403, 1));
    assert_eq!(server.last().header("x-amz-date"), Some("20150830T123000Z"));
    assert_eq!(sent.diagnosis().unwrap().id, "expired-sig");
}

/// Gives the first token until another is asked for.
struct Tokens {
    asked: AtomicUsize,
    current: Mutex<Arc<Credentials>>,
    renewed: Result<&'static str, ()>,
}

fn token(token: &str) -> Arc<Credentials> {
    let credentials = Credentials::new("AKIDEXAMPLE", SECRET).unwrap();
    Arc::new(credentials.with_session_token(token).unwrap())
}

impl ProvideCredentials for Tokens {
    fn credentials(&self) -> Result<Arc<Credentials>, ProviderError> {
        Ok(self.current.lock().unwrap().clone())
    }

    fn force_refresh(&self, refused: &Arc<Credentials>) -> Result<Arc<Credentials>, ProviderError> {
        assert_eq!(refused.session_token(), Some("old"));
        self.asked.fetch_add(1, Ordering::Relaxed);
        let renewed = self
            .renewed
            .map_err(|()| ProviderError::NoCredentials(Vec::new()))?;
        *self.current.lock().unwrap() = token(renewed);
        self.credentials()
    }
}

#[test]
fn an_expired_token_is_renewed_once() {
    let expects_new = |_: usize, received: &Received| {
        verify(received).unwrap();
        match received.header("x-amz-security-token") {
            Some("new") => Then::Answer(OK.into()),
            _ => refused("{\"message\":\"The security token included in the request is expired\"}"),
        }
    };
    for (renewed, status, attempts) in [
        (Ok("new"), 200, 2),
        (Ok("old"), 403, 1),
        (Ok("newer"), 403, 2),
        (Err(()), 403, 1),
    ] {
        let server = Server::start(expects_new);
        let tokens = Arc::new(Tokens {
            asked: AtomicUsize::new(0),
            current: Mutex::new(token("old")),
            renewed,
        });
        let client = builder().provider(tokens.clone()).build().unwrap();
        let sent = client
            .request("POST", &server.url("/i/_doc"))
            .body("{}")
            .send()
            .unwrap();
        assert_eq!(
            (sent.status(), sent.attempts()),
            (status, attempts),
            "{renewed:?}"
        );
        assert_eq!(tokens.asked.load(Ordering::Relaxed), 1);
        assert_eq!(sent.notes().len(), 1);
        assert_eq!(sent.notes()[0] == Note::CredentialsRefreshed, attempts == 2);
        for note in sent.notes() {
            assert!(!note.to_string().contains("old"), "no token is shown");
        }
    }
}

#[test]
fn fixed_credentials_that_expired_are_said_to_be() {
    let server = Server::start(|_, _| {
        refused("{\"message\":\"The security token included in the request is expired\"}")
    });
    let sent = client().request("GET", &server.url("/")).send().unwrap();
    assert_eq!(sent.attempts(), 1);
    let SendError::Status(error) = sent.error_for_status().unwrap_err() else {
        panic!("a status")
    };
    let diagnosis = error.diagnosis().unwrap();
    assert_eq!(diagnosis.id, "token-expired");
    assert!(diagnosis.is_signature_or_token_refusal());
    assert_eq!(error.request_id(), Some("id-1"));
    assert!(
        error.to_string().contains("session token has expired"),
        "{error}"
    );
}

#[test]
fn a_service_and_region_that_the_server_names_are_signed_for_once() {
    let server =
        Server::start(
            |_, received| match verify_for(received, "us-east-1", "aoss", NOW) {
                Ok(_) => Then::Answer(OK.into()),
                Err(_) => refused(
                    "{\"message\":\"Credential should be scoped to correct service: 'aoss'. \"}",
                ),
            },
        );
    let sent = client()
        .request("POST", &server.url("/i/_doc"))
        .body("{}")
        .send()
        .unwrap();
    assert_eq!((sent.status(), sent.attempts()), (200, 2));
    let (region, service) = ("us-east-1".into(), "aoss".into());
    assert_eq!(sent.notes(), [Note::ScopeCorrected { region, service }]);
    assert!(server.last().header("x-amz-content-sha256").is_some());
}

#[test]
fn a_bucket_s_region_is_signed_for_once() {
    let server = Server::start(
        |_, received| match verify_for(received, "eu-west-1", "s3", NOW) {
            Ok(_) => Then::Answer(OK.into()),
            Err(_) => Then::Answer(answer(
                "400 Bad Request",
                &["x-amz-bucket-region: eu-west-1"],
                "<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; \
                 the region 'us-east-1' is wrong; expecting 'eu-west-1'</Message><Region>eu-west-1</Region></Error>",
            )),
        },
    );
    let client = builder().service("s3").build().unwrap();
    let sent = client
        .request("PUT", &server.url("/a/../b%2Fc"))
        .body("{}")
        .send()
        .unwrap();
    assert_eq!((sent.status(), sent.attempts()), (200, 2));
}

#[test]
fn a_server_that_asks_for_ever_new_corrections_is_asked_twice() {
    let server = Server::start(|number, _| {
        refused(&format!(
            "{{\"message\":\"Credential should be scoped to correct service: 's{number}'. \"}}"
        ))
    });
    let sent = client().request("GET", &server.url("/")).send().unwrap();
    assert_eq!(
        (sent.status(), sent.attempts(), sent.notes().len()),
        (403, 2, 1)
    );
}
