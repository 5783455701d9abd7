//! Signs an `http::Request`, which ureq, reqwest and hyper share, and sends it with ureq.
//!
//! ```text
//! AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… cargo run --example sign_http_request -- URL REGION SERVICE
//! ```

use std::env;
use std::error::Error;
use std::time::SystemTime;

use sigv4_kit::Credentials;
use sigv4_kit::http_request;
use sigv4_kit::signing::{Date, Payload, Signer};
use ureq::{Agent, http};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [url, region, service] = &arguments[..] else {
        return Err("usage: sign_http_request URL REGION SERVICE".into());
    };
    let mut credentials = Credentials::new(
        &env::var("AWS_ACCESS_KEY_ID")?,
        &env::var("AWS_SECRET_ACCESS_KEY")?,
    )?;
    if let Ok(token) = env::var("AWS_SESSION_TOKEN") {
        credentials = credentials.with_session_token(&token)?;
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let date = Date::from_unix_seconds(i64::try_from(now.as_secs())?)?;

    let mut request = http::Request::get(url).body(())?;
    let signer = Signer::new(&credentials, region, service)?;
    http_request::sign(&mut request, &signer, Payload::Bytes(b""), date)?;

    // With reqwest: client.execute(request.map(reqwest::Body::from).try_into()?)
    // With hyper:   sender.send_request(request.map(Full::new))
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .into();
    let mut response = agent.run(request)?;
    println!(
        "{}\n{}",
        response.status(),
        response.body_mut().read_to_string()?
    );
    Ok(())
}
