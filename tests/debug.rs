//! `{:?}` is for logs: no value that holds a secret, a token or a signature shows it there.
#![cfg(feature = "client")]

use std::fmt::Debug;

use sigv4_kit::explain::Explanation;
use sigv4_kit::provider::{Cache, Chain, Clock, Context, Environment, ProvideCredentials};
use sigv4_kit::send::Body;
use sigv4_kit::serve::{Gate, Received};
use sigv4_kit::signing::{
    Authorization, ChunkSignatures, CredentialScope, Date, Payload, Request, Signer, SigningKey,
};
use sigv4_kit::url::Url;
use sigv4_kit::{Client, Credentials};

const SECRET: &str = "a-secret-access-key";
const TOKEN: &str = "a-session-token";
const PASSWORD: &str = "a-password-of-a-proxy";

fn credentials() -> Credentials {
    let credentials = Credentials::new("AKIDEXAMPLE", SECRET).unwrap();
    credentials.with_session_token(TOKEN).unwrap()
}

/// `hidden` are the signatures that are known.
fn hides(value: &dyn Debug, hidden: &[&str]) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        for secret in [SECRET, TOKEN, PASSWORD].iter().chain(hidden) {
            assert!(!shown.contains(secret), "{secret}: {shown}");
        }
    }
}

#[test]
fn what_signs_and_what_is_signed_show_no_secret() {
    let credentials = credentials();
    let headers = [("host", "h")];
    let date = Date::parse("20150830T123600Z").unwrap();
    let request = Request::new("GET", "/", "", &headers, Payload::Bytes(b"")).unwrap();
    let signer = Signer::new(&credentials, "us-east-1", "es").unwrap();
    let signed = signer.sign(&request, date).unwrap();
    let presigned = signer.presign(&request, date, 60).unwrap();
    let signatures = [signed.signature().to_hex(), presigned.signature().to_hex()];
    let hidden = [&signatures[0][..], &signatures[1]];

    let secrets = [("host", "h"), ("x-amz-security-token", TOKEN)];
    let query = presigned.query();
    let sent = Request::new(
        "GET",
        "/",
        query,
        &secrets,
        Payload::Bytes(SECRET.as_bytes()),
    );
    hides(&sent.unwrap(), &hidden);
    hides(&credentials, &hidden);
    hides(&signer, &hidden);
    hides(&signed, &hidden);
    hides(&signed.canonical_request(), &hidden);
    hides(&presigned, &hidden);
    hides(&presigned.canonical_request(), &hidden);
    let url = Url::parse("https://h/").unwrap();
    hides(&url.with_wire_query(presigned.query()), &hidden);

    let scope = CredentialScope {
        day: "20150830",
        region: "us-east-1",
        service: "es",
    };
    hides(&SigningKey::derive(SECRET, &scope), &hidden);
    hides(&ChunkSignatures::after(&signed, SECRET), &hidden);
    let steps = Explanation::of(&signed, &headers).with_secrets(SECRET, &scope);
    hides(&steps, &hidden);

    let sent: Vec<(&str, &str)> = headers.into_iter().chain(signed.headers()).collect();
    let sent = Request::new("GET", "/", "", &sent, Payload::Bytes(b"")).unwrap();
    hides(&Authorization::from_request(&sent).unwrap(), &hidden);
}

#[test]
fn what_finds_credentials_and_what_sends_show_no_secret() {
    let proxy = format!("http://user:{PASSWORD}@proxy.example:3128");
    let file = format!("[default]\naws_access_key_id = AKID\naws_secret_access_key = {SECRET}\n");
    let environment = Environment::empty()
        .with_variable("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .with_variable("AWS_SECRET_ACCESS_KEY", SECRET)
        .with_variable("AWS_SESSION_TOKEN", TOKEN)
        .with_variable("HTTP_PROXY", &proxy)
        .with_variable("HOME", "/home/me")
        .with_file("/home/me/.aws/credentials", file);
    let context = Context::new(environment.clone(), Clock::fixed(0));
    hides(&context.profiles().unwrap(), &[]);
    hides(&context, &[]);
    hides(&environment, &[]);
    let chain = Chain::new(context);
    hides(&chain.report(), &[]);
    hides(&chain, &[]);
    let cache = Cache::new(chain);
    hides(&cache.credentials().unwrap(), &[]);
    hides(&cache, &[]);

    let builder = Client::builder()
        .cache(cache)
        .region("us-east-1")
        .service("es")
        .environment(environment);
    hides(&builder, &[]);
    let client = builder.build().unwrap();
    hides(&client, &[]);
    let url = format!("http://h/?X-Amz-Security-Token={TOKEN}");
    let request = client
        .request("PUT", &url)
        .header("x-secret", SECRET)
        .body(SECRET);
    hides(&request, &[]);
    hides(&Body::bytes(SECRET), &[]);
    hides(&request.prepare(), &[]);

    let gate = Gate::new(credentials(), "us-east-1", "es", Clock::fixed(0));
    let received = Received {
        method: "PUT".into(),
        target: format!("/?X-Amz-Security-Token={TOKEN}"),
        headers: vec![("authorization".into(), SECRET.into())],
        body: SECRET.into(),
    };
    hides(&gate, &[]);
    hides(&received, &[]);
}
