//! What STS answers, read from its XML.

use std::prelude::rust_2024::*;

use roxmltree::{Document, Node};
use zeroize::Zeroizing;

use super::http::HttpAnswer;
use super::service::plain_code;
use super::sts::CallerIdentity;
use super::{AnswerError, timestamp};

/// Temporary credentials as STS issues them; secrets are wiped on drop.
pub(super) struct Issued {
    pub access_key_id: String,
    pub secret_access_key: Zeroizing<String>,
    pub session_token: Zeroizing<String>,
    pub expires_at: i64,
    pub account_id: Option<String>,
}

/// The credentials under `result`, which is `AssumeRoleResult` or `AssumeRoleWithWebIdentityResult`.
pub(super) fn issued(result: &str, answer: &HttpAnswer) -> Result<Issued, AnswerError> {
    read(answer, |root| {
        let result = expect(root, result)?;
        let credentials =
            child(result, "Credentials").ok_or(AnswerError::Missing("Credentials"))?;
        let expiration = text(credentials, "Expiration")?;
        Ok(Issued {
            access_key_id: text(credentials, "AccessKeyId")?,
            secret_access_key: Zeroizing::new(text(credentials, "SecretAccessKey")?),
            session_token: Zeroizing::new(text(credentials, "SessionToken")?),
            expires_at: timestamp::parse(&expiration).ok_or(AnswerError::Field {
                name: "Expiration",
                expected: timestamp::EXPECTED,
            })?,
            account_id: child(result, "AssumedRoleUser")
                .and_then(|user| text(user, "Arn").ok())
                .and_then(|arn| account_of(&arn)),
        })
    })
}

/// The answer to GetCallerIdentity.
pub(super) fn caller_identity(answer: &HttpAnswer) -> Result<CallerIdentity, AnswerError> {
    read(answer, |root| {
        let result = expect(root, "GetCallerIdentityResult")?;
        Ok(CallerIdentity {
            account: text(result, "Account")?,
            arn: text(result, "Arn")?,
            user_id: text(result, "UserId")?,
        })
    })
}

/// The code of an `ErrorResponse`.
pub(super) fn error_code(answer: &HttpAnswer) -> Option<String> {
    let document = Document::parse(answer.text()?).ok()?;
    code(document.root_element())
}

fn read<T>(
    answer: &HttpAnswer,
    from: impl FnOnce(Node<'_, '_>) -> Result<T, AnswerError>,
) -> Result<T, AnswerError> {
    if answer.body.trim_ascii().is_empty() {
        return Err(AnswerError::Empty);
    }
    let document = Document::parse(answer.text().ok_or(AnswerError::NotUtf8)?)
        .map_err(|_| AnswerError::NotXml)?;
    from(document.root_element())
}

/// `root` is the result itself, or its parent as STS writes it.
fn expect<'a, 'input>(
    root: Node<'a, 'input>,
    result: &str,
) -> Result<Node<'a, 'input>, AnswerError> {
    if let Some(node) = child(root, result) {
        return Ok(node);
    }
    // An error document under a status of success.
    Err(match code(root) {
        Some(code) => AnswerError::Code(code),
        None => AnswerError::NotXml,
    })
}

fn code(root: Node<'_, '_>) -> Option<String> {
    let error = match root.tag_name().name() {
        "Error" => root,
        _ => child(root, "Error")?,
    };
    plain_code(child(error, "Code")?.text()?.trim())
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children()
        .find(|child| child.is_element() && child.tag_name().name() == name)
}

fn text(node: Node<'_, '_>, name: &'static str) -> Result<String, AnswerError> {
    let text = child(node, name).and_then(|child| child.text());
    match text.map(str::trim) {
        Some(text) if !text.is_empty() => Ok(text.into()),
        _ => Err(AnswerError::Missing(name)),
    }
}

/// arn:partition:service:region:ACCOUNT:resource
fn account_of(arn: &str) -> Option<String> {
    let mut fields = arn.split(':');
    let account = match fields.next() {
        Some("arn") => fields.nth(3)?,
        _ => return None,
    };
    (!account.is_empty()).then(|| account.into())
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::prelude::rust_2024::*;
    use std::vec::Vec;

    use zeroize::Zeroizing;

    use super::super::http::HttpAnswer;
    use super::{AnswerError, caller_identity, error_code, issued};

    fn answer(body: impl Into<Vec<u8>>) -> HttpAnswer {
        HttpAnswer {
            status: 200,
            body: Zeroizing::new(body.into()),
        }
    }

    fn assumed(credentials: &str, arn: &str) -> HttpAnswer {
        answer(format!(
            "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
             <AssumedRoleUser><Arn>{arn}</Arn></AssumedRoleUser><Credentials>{credentials}</Credentials>\
             </AssumeRoleResult></AssumeRoleResponse>"
        ))
    }

    const ALL: &str = "<AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s&amp;1</SecretAccessKey>\
                       <SessionToken>t1</SessionToken><Expiration>2026-01-31T12:00:00.5Z</Expiration>";

    #[test]
    fn issued_credentials_carry_the_account_of_the_assumed_role() -> Result<(), AnswerError> {
        let one = issued(
            "AssumeRoleResult",
            &assumed(ALL, "arn:aws:sts::123456789012:assumed-role/r/s"),
        )?;
        assert_eq!(one.secret_access_key.as_str(), "s&1");
        assert_eq!(
            (one.expires_at, one.account_id.as_deref()),
            (1_769_860_800, Some("123456789012"))
        );
        let one = issued("AssumeRoleResult", &assumed(ALL, "no arn"))?;
        assert_eq!(one.account_id, None);
        Ok(())
    }

    #[test]
    fn an_answer_that_is_something_else_says_what() {
        let cause = |body: Vec<u8>| issued("AssumeRoleResult", &answer(body)).err();
        let error = "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>";
        for (body, expected) in [
            (Vec::from(" \n"), AnswerError::Empty),
            (Vec::from(b"\xff\xfe"), AnswerError::NotUtf8),
            (
                Vec::from("<!DOCTYPE html><html><body>hello</body></html>"),
                AnswerError::NotXml,
            ),
            (Vec::from("<html></html>"), AnswerError::NotXml),
            (
                Vec::from("<AssumeRoleResponse><AssumeRoleResult><Cred"),
                AnswerError::NotXml,
            ),
            (Vec::from("{\"Error\":1}"), AnswerError::NotXml),
            ("<a>".repeat(21_000).into_bytes(), AnswerError::NotXml),
            (Vec::from(error), AnswerError::Code("AccessDenied".into())),
            (
                Vec::from("<R><AssumeRoleResult/></R>"),
                AnswerError::Missing("Credentials"),
            ),
        ] {
            assert_eq!(cause(body), Some(expected));
        }
        for name in [
            "AccessKeyId",
            "SecretAccessKey",
            "SessionToken",
            "Expiration",
        ] {
            let without = ALL.replace(name, "Other");
            let cause = issued("AssumeRoleResult", &assumed(&without, "")).err();
            assert_eq!(cause, Some(AnswerError::Missing(name)));
        }
        let late = ALL.replace("2026-01-31T12:00:00.5Z", "tomorrow");
        let cause = issued("AssumeRoleResult", &assumed(&late, "")).err();
        assert!(matches!(
            cause,
            Some(AnswerError::Field {
                name: "Expiration",
                ..
            })
        ));
    }

    #[test]
    fn depth_within_the_size_limit_overflows_no_stack() {
        let deep = format!("{}{}", "<a>".repeat(9_000), "</a>".repeat(9_000));
        assert_eq!(
            issued("AssumeRoleResult", &answer(deep)).err(),
            Some(AnswerError::NotXml)
        );
    }

    #[test]
    fn damaged_answers_are_errors_or_credentials_and_never_a_panic() {
        let whole = assumed(ALL, "arn:aws:sts::123456789012:assumed-role/r/s").body;
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        for _ in 0..20_000 {
            let mut damaged = whole.to_vec();
            for _ in 0..3 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let at = (state >> 8) as usize % damaged.len();
                match state % 3 {
                    0 => damaged.truncate(at.max(1)),
                    1 => damaged[at] = (state >> 40) as u8,
                    _ => damaged.insert(at, b"<>&;\"/\0\xff"[(state >> 50) as usize % 8]),
                }
            }
            let damaged = answer(damaged);
            let _ = (
                issued("AssumeRoleResult", &damaged).is_ok(),
                error_code(&damaged),
            );
        }
    }

    #[test]
    fn an_error_code_is_shown_only_if_it_is_a_name() {
        let of = |code: &str| {
            error_code(&answer(format!(
                "<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>"
            )))
        };
        assert_eq!(of("ExpiredToken").as_deref(), Some("ExpiredToken"));
        assert_eq!(of("secret text with spaces"), None);
        assert_eq!(of(&"x".repeat(65)), None);
        assert_eq!(
            error_code(&answer("<Error><Code>SlowDown</Code></Error>")).as_deref(),
            Some("SlowDown")
        );
        assert_eq!(error_code(&answer("no xml")), None);
    }

    #[test]
    fn a_caller_identity_has_three_parts() {
        let body = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/u</Arn>\
                    <UserId>AIDA</UserId><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
        let identity = caller_identity(&answer(body)).map(|one| (one.account, one.user_id));
        assert_eq!(identity, Ok(("1".into(), "AIDA".into())));
        let cut = body.replace("Account>", "A>");
        assert_eq!(
            caller_identity(&answer(cut)).err(),
            Some(AnswerError::Missing("Account"))
        );
    }
}
