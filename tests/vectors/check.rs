//! One case through every entry point: sign or presign, verify, verify what was changed, parse what was written.

use sigv4_kit::signing::{
    Authorization, CanonicalRequest, Request, Signature, Signer, StringToSign, Verifier,
};

use crate::case::Case;
use crate::change::{Change, changes};
use crate::compare::{same_set, same_text};
use crate::wire::WireRequest;

/// Everything that signing gave.
struct Made {
    canonical_request: String,
    hashed_payload: String,
    signed_headers: String,
    string_to_sign: String,
    signature: String,
    request: WireRequest,
}

/// Runs a case; `Ok` says how many changed requests were refused.
pub fn check(case: &Case) -> Result<usize, String> {
    let made = sign(case)?;
    expected_texts(case, &made)?;
    expected_request(case, &made)?;
    verify(
        case,
        &made.request,
        &case.region,
        case.credentials.secret_access_key(),
    )
    .map_err(|error| format!("verify: refused: {error}"))?;
    parse_what_was_written(case, &made)?;
    let signed_headers: Vec<&str> = made.signed_headers.split(';').collect();
    let changes = changes(case, &made.request, &signed_headers, &made.hashed_payload);
    for change in &changes {
        let Change {
            what,
            request,
            region,
            secret,
            reasons,
        } = change;
        match verify(case, request, region, secret) {
            Ok(()) => {
                return Err(format!(
                    "verify: accepted although this was changed: {what}"
                ));
            }
            Err(error) if reasons.iter().any(|reason| error.starts_with(reason)) => {}
            Err(error) => {
                return Err(format!(
                    "verify: {what} changed\n  expected {reasons:?}\n  got      {error}"
                ));
            }
        }
    }
    Ok(changes.len())
}

/// Step by step what [`sign`] computes, compared with what the vector states.
fn expected_texts(case: &Case, made: &Made) -> Result<(), String> {
    let expected = &case.expected;
    if let Some(text) = &expected.canonical_request {
        same_text("canonical request", text, &made.canonical_request)?;
    }
    if let Some(text) = &expected.string_to_sign {
        same_text("string to sign", text, &made.string_to_sign)?;
    }
    if let Some(text) = &expected.signature {
        same_text("signature", text, &made.signature)?;
    }
    Ok(())
}

/// The signed request of AWS's suite, whose headers and parameters stand in no particular order.
fn expected_request(case: &Case, made: &Made) -> Result<(), String> {
    let Some(text) = &case.expected.signed_request else {
        return Ok(());
    };
    let expected = WireRequest::parse(text);
    let got = &made.request;
    same_text("signed request: method", &expected.method, &got.method)?;
    same_text("signed request: path", &expected.path, &got.path)?;
    let parameters = [&expected.query, &got.query].map(|query| WireRequest::parameter_set(query));
    let [expected_parameters, got_parameters] = parameters;
    same_set("signed request: query", expected_parameters, got_parameters)?;
    let headers = [&expected.headers, &got.headers].map(|headers| WireRequest::header_set(headers));
    let [expected_headers, got_headers] = headers;
    same_set("signed request: headers", expected_headers, got_headers)?;
    same_text(
        "signed request: body",
        &String::from_utf8_lossy(&expected.body),
        &String::from_utf8_lossy(&got.body),
    )
}

fn sign(case: &Case) -> Result<Made, String> {
    let headers = borrowed(&case.headers);
    let request = Request::new(
        &case.method,
        &case.path,
        &case.query,
        &headers,
        case.payload(&case.body),
    )
    .map_err(|error| format!("request: {error}"))?;
    let signer = Signer::new(&case.credentials, &case.region, &case.service)
        .map_err(|error| format!("signer: {error}"))?
        .with_rules(case.rules);
    let mut sent = WireRequest {
        method: case.method.clone(),
        path: case.path.clone(),
        query: case.query.clone(),
        headers: case.headers.clone(),
        body: case.body.clone(),
    };
    match case.expires_seconds {
        None => {
            let signed = signer
                .sign(&request, case.date)
                .map_err(|error| format!("sign: {error}"))?;
            sent.headers.extend(
                signed
                    .headers()
                    .map(|(name, value)| (name.to_owned(), value.to_owned())),
            );
            Ok(made(
                signed.canonical_request(),
                signed.string_to_sign(),
                signed.signature(),
                sent,
            ))
        }
        Some(expires_seconds) => {
            let presigned = signer
                .presign(&request, case.date, expires_seconds)
                .map_err(|error| format!("presign: {error}"))?;
            sent.query = presigned.query().to_owned();
            Ok(made(
                presigned.canonical_request(),
                presigned.string_to_sign(),
                presigned.signature(),
                sent,
            ))
        }
    }
}

fn made(
    canonical_request: &CanonicalRequest,
    string_to_sign: &StringToSign,
    signature: &Signature,
    request: WireRequest,
) -> Made {
    let joined = |lines: &[(&str, &str)]| {
        lines
            .iter()
            .map(|(_, value)| *value)
            .collect::<Vec<_>>()
            .join("\n")
    };
    let lines = canonical_request.lines();
    // The lines are what the texts are made of, so it is they that are compared.
    assert_eq!(joined(&lines), canonical_request.text());
    assert_eq!(joined(&string_to_sign.lines()), string_to_sign.text());
    Made {
        canonical_request: joined(&lines),
        hashed_payload: lines[5].1.to_owned(),
        signed_headers: lines[4].1.to_owned(),
        string_to_sign: joined(&string_to_sign.lines()),
        signature: signature.to_hex(),
        request,
    }
}

/// What a server does with the request, at the moment of signing; `Err` is the name of the error, with its facts.
fn verify(case: &Case, sent: &WireRequest, region: &str, secret: &str) -> Result<(), String> {
    let headers = borrowed(&sent.headers);
    let payload = case.payload(&sent.body);
    let request = Request::new(&sent.method, &sent.path, &sent.query, &headers, payload)
        .map_err(|error| format!("{error:?}"))?;
    let authorization =
        Authorization::from_request(&request).map_err(|error| format!("{error:?}"))?;
    let verifier = Verifier::new(region, &case.service).map_err(|error| format!("{error:?}"))?;
    let verified = verifier
        .with_rules(case.rules)
        .verify(&authorization, &request, secret, case.date)
        .map_err(|error| format!("{error:?}"))?;
    assert_eq!(verified.access_key_id(), case.credentials.access_key_id());
    Ok(())
}

fn borrowed(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

/// parse(format(x)) is x, for the Authorization of either form.
fn parse_what_was_written(case: &Case, made: &Made) -> Result<(), String> {
    let access_key_id = case.credentials.access_key_id();
    let scope = format!(
        "{}/{}/{}/aws4_request",
        case.date.day(),
        case.region,
        case.service
    );
    let expected = format!(
        "AWS4-HMAC-SHA256 Credential={access_key_id}/{scope}, SignedHeaders={}, Signature={}",
        made.signed_headers, made.signature
    );
    let parsed = match case.expires_seconds {
        Some(_) => Authorization::from_query(&made.request.query),
        None => {
            let written = made
                .request
                .headers
                .iter()
                .find(|(name, _)| name == "authorization");
            let (_, header) = written.ok_or("sign: no authorization header")?;
            same_text("Authorization", &expected, header)?;
            Authorization::from_header(header, case.date)
        }
    };
    let parsed = parsed.map_err(|error| format!("parse: {error}"))?;
    same_text("parsed: written again", &expected, &parsed.to_header())?;
    let again = Authorization::from_header(&parsed.to_header(), parsed.date())
        .map_err(|error| error.to_string())?;
    same_text("parsed twice", &expected, &again.to_header())?;
    same_text(
        "parsed: access key ID",
        access_key_id,
        parsed.access_key_id(),
    )?;
    same_text("parsed: scope", &scope, &parsed.scope().to_string())?;
    same_text("parsed: date", case.date.as_str(), parsed.date().as_str())
}
