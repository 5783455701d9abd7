//! The peers, each through its public API. None of them keeps a signing key.

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SessionTokenMode, SignableBody, SignableRequest,
    SignatureLocation, SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4::SigningParams;
use reqsign_core::SignRequest;

use crate::timing::Contender;
use crate::workload::Workload;

pub fn aws_sigv4(workload: &Workload) -> Contender<'_> {
    let identity = Credentials::new(
        &workload.access_key,
        &workload.secret_key,
        workload.session_token.clone(),
        None,
        "bench",
    )
    .into();
    let uri = uri(workload);
    let time = UNIX_EPOCH + Duration::from_secs(workload.unix_seconds as u64);
    Box::new(move || {
        let mut settings = SigningSettings::default();
        if workload.service == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        }
        if workload.content_sha256 {
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        settings.session_token_mode = SessionTokenMode::Include;
        settings.excluded_headers = None;
        if workload.presigned {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = Some(Duration::from_secs(workload.expires_seconds.into()));
        }
        let params = SigningParams::builder()
            .identity(&identity)
            .region(&workload.region)
            .name(&workload.service)
            .time(time)
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let body = if workload.unsigned {
            SignableBody::UnsignedPayload
        } else {
            SignableBody::Bytes(&workload.body)
        };
        let headers = workload
            .headers
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()));
        let request = SignableRequest::new(&workload.method, &uri, headers, body).unwrap();
        let output = sign(request, &params).unwrap();
        assert_eq!(output.signature(), workload.signature);
        black_box(output);
    })
}

pub fn reqsign(workload: &Workload) -> Contender<'_> {
    let signer = reqsign_aws_v4::RequestSigner::new(&workload.service, &workload.region);
    let credential = reqsign_aws_v4::Credential {
        access_key_id: workload.access_key.clone(),
        secret_access_key: workload.secret_key.clone(),
        session_token: workload.session_token.clone(),
        expires_in: None,
    };
    let mut builder = http::Request::builder()
        .method(workload.method.as_str())
        .uri(uri(workload));
    for (name, value) in &workload.headers {
        builder = builder.header(name, value);
    }
    let (parts, ()) = builder.body(()).unwrap().into_parts();
    let expires = workload
        .presigned
        .then(|| Duration::from_secs(workload.expires_seconds.into()));
    let context = reqsign_core::Context::new();
    // It reads the clock itself and takes the payload hash from a header, so the payload is hashed here.
    Box::new(move || {
        let mut parts = parts.clone();
        if !workload.body.is_empty() {
            let hash = <sha2::Sha256 as sha2::Digest>::digest(&workload.body);
            let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            parts
                .headers
                .insert("x-amz-content-sha256", hex.parse().unwrap());
        }
        block_on(signer.sign_request(&context, &mut parts, Some(&credential), expires)).unwrap();
        black_box(parts);
    })
}

pub fn rusty_s3(workload: &Workload) -> Contender<'_> {
    use rusty_s3::actions::GetObject;
    use rusty_s3::{Bucket, Credentials, UrlStyle};
    let (bucket_name, endpoint) = workload.host.split_once('.').unwrap();
    let endpoint = format!("https://{endpoint}").parse().unwrap();
    let bucket = Bucket::new(
        endpoint,
        UrlStyle::VirtualHost,
        bucket_name.to_string(),
        workload.region.clone(),
    )
    .unwrap();
    let credentials = Credentials::new(&workload.access_key, &workload.secret_key);
    let date = jiff::Timestamp::from_second(workload.unix_seconds).unwrap();
    let key = &workload.path_raw[1..];
    Box::new(move || {
        let mut action = GetObject::new(&bucket, Some(&credentials), key);
        for (name, value) in &workload.query_raw {
            rusty_s3::actions::S3Action::query_mut(&mut action)
                .insert(name.as_str(), value.as_str());
        }
        let expires = Duration::from_secs(workload.expires_seconds.into());
        black_box(rusty_s3::actions::S3Action::sign_with_time(
            &action, expires, &date,
        ));
    })
}

fn uri(workload: &Workload) -> String {
    let query = if workload.query.is_empty() {
        String::new()
    } else {
        format!("?{}", workload.query)
    };
    format!("https://{}{}{query}", workload.host, workload.path)
}

/// The future never waits for anything.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut context = TaskContext::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("signing waits for nothing"),
    }
}
