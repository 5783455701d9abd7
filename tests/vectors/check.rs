//! One case through every entry point: sign or presign, verify, verify what was changed, parse what was written.

use sigv4_kit::signing::{
    Authorization, CanonicalRequest, Payload, Presigned, Request, Signature, Signed, Signer,
    SigningKeys, StringToSign, Verifier,
};

use crate::case::Case;
use crate::change::{Change, changes};
use crate::compare::{same_set, same_text};
use crate::forgery::{forgeries, harmless};
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

/// Keys and buffers that live through a whole set, as a program keeps them.
#[derive(Default)]
pub struct Kept {
    keys: SigningKeys,
    signed: Signed,
    presigned: Presigned,
}

/// Runs a case; `Ok` says how many changed requests were refused.
pub fn check(case: &Case, kept: &mut Kept) -> Result<usize, String> {
    let made = sign(case, kept)?;
    expected_texts(case, &made)?;
    expected_request(case, &made)?;
    verify(case, &Change::none(case, &made.request, "", &[]), &made)
        .map_err(|error| format!("verify: refused: {error}"))?;
    for change in harmless(case, &made.request) {
        verify(case, &change, &made)
            .map_err(|error| format!("verify: {}: refused: {error}", change.what))?;
    }
    parse_what_was_written(case, &made)?;
    let signed_headers: Vec<&str> = made.signed_headers.split(';').collect();
    let mut changes = changes(case, &made.request, &signed_headers, &made.hashed_payload);
    changes.extend(forgeries(case, &made.request, &signed_headers));
    for change in &changes {
        let (what, reasons) = (&change.what, change.reasons);
        match verify(case, change, &made) {
            Ok(()) => return Err(format!("verify: accepted: {what}")),
            Err(error) if reasons.iter().any(|reason| error.starts_with(reason)) => {}
            Err(error) => {
                return Err(format!(
                    "verify: {what}\n  expected {reasons:?}\n  got      {error}"
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

/// Signs into new buffers and into kept ones, which has to come to the same.
fn sign(case: &Case, kept: &mut Kept) -> Result<Made, String> {
    let headers = borrowed(&case.headers);
    let payload = case.payload(&case.body);
    let request = Request::new(&case.method, &case.path, &case.query, &headers, payload)
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
    let refused = |error| format!("sign: {error}");
    match case.expires_seconds {
        None => {
            let signed = signer.sign(&request, case.date).map_err(refused)?;
            signer
                .sign_into(&request, case.date, &mut kept.keys, &mut kept.signed)
                .map_err(refused)?;
            let added: Vec<_> = signed.headers().collect();
            let again: Vec<_> = kept.signed.headers().collect();
            same_text("kept buffers", &format!("{added:?}"), &format!("{again:?}"))?;
            let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
            sent.headers.extend(added.into_iter().map(owned));
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
                .map_err(refused)?;
            let Kept {
                keys,
                presigned: again,
                ..
            } = kept;
            signer
                .presign_into(&request, case.date, expires_seconds, keys, again)
                .map_err(refused)?;
            same_text("kept buffers", presigned.query(), again.query())?;
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

/// What a server does with the request; `Err` is the name of the error, with its facts.
fn verify(case: &Case, change: &Change, made: &Made) -> Result<(), String> {
    let sent = &change.request;
    let headers = borrowed(&sent.headers);
    let stated = sent
        .headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("x-amz-content-sha256"));
    let rules_say = case.expires_seconds.is_some() && case.rules.presigned_payload_unsigned;
    // A server has the body; that it is unsigned it knows from the header, from the rules, or because it is agreed.
    let payload = if stated || rules_say {
        Payload::Bytes(&sent.body)
    } else {
        case.payload(&sent.body)
    };
    let request = Request::new(&sent.method, &sent.path, &sent.query, &headers, payload)
        .map_err(|error| format!("{error:?}"))?;
    let authorization =
        Authorization::from_request(&request).map_err(|error| format!("{error:?}"))?;
    let verifier = Verifier::new(&change.region, &case.service)
        .map_err(|error| format!("{error:?}"))?
        .with_rules(case.rules);
    let verified = verifier
        .verify(&authorization, &request, &change.secret, change.now)
        .map_err(|error| format!("{error:?}"))?;
    assert_eq!(verified.access_key_id(), case.credentials.access_key_id());
    assert_eq!(
        Some(verified.payload()),
        Payload::from_header(&made.hashed_payload)
    );
    let computed = verifier
        .expected_canonical_request(&authorization, &request)
        .map_err(|error| format!("{error:?}"))?;
    assert_eq!(computed.text(), made.canonical_request);
    Ok(())
}

/// Headers as the library takes them.
pub fn borrowed(headers: &[(String, String)]) -> Vec<(&str, &str)> {
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
