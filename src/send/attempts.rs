//! From the planned request to the answer that counts: attempts, corrections, redirects.

use std::mem;
use std::prelude::rust_2024::*;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::client::Inner;
use super::note::{Note, RetryCause};
use super::plan::Plan;
use super::redirect::{self, RedirectError};
use super::retry::{self, Again};
use super::{Response, SendError};
use crate::diagnose::{Correction, Explained, Refusal};
use crate::signing::{Rules, Signed};
use crate::{Credentials, endpoint};

/// One request on its way.
pub(super) struct Exchange<'a> {
    client: &'a Inner,
    plan: Plan,
    notes: Vec<Note>,
    started: i64,
    /// Time spent waiting, where the clock stands still.
    waited: Duration,
    attempts: u32,
    retries: u32,
    redirects: u32,
    corrected: Corrected,
}

/// What was corrected already: each once.
#[derive(Default)]
struct Corrected {
    /// The skew before.
    clock: Option<i64>,
    credentials: bool,
    scope: bool,
}

/// The signature of one attempt.
struct Attempt {
    signed: Signed,
    credentials: Arc<Credentials>,
    date: i64,
}

impl<'a> Exchange<'a> {
    pub fn new(client: &'a Inner, mut plan: Plan) -> Self {
        let notes = mem::take(&mut plan.notes);
        if let Some(observer) = &client.observer {
            notes.iter().for_each(observer);
        }
        Exchange {
            client,
            plan,
            notes,
            started: client.clock.now(),
            waited: Duration::ZERO,
            attempts: 0,
            retries: 0,
            redirects: 0,
            corrected: Corrected::default(),
        }
    }

    pub fn run(mut self) -> Result<Response, SendError> {
        loop {
            self.attempts += 1;
            let attempt = match self.plan.unsigned {
                true => None,
                false => Some(self.sign()?),
            };
            let before = self.client.clock.now();
            let signature = attempt
                .as_ref()
                .map(|attempt| (&attempt.signed, &*attempt.credentials));
            let left = self.left()?;
            match self.client.transport.send(&mut self.plan, signature, left) {
                Err(SendError::Transport(error)) => {
                    let again = retry::after_error(&error);
                    if !self.retry(again, RetryCause::Transport(error.clone()), None) {
                        return Err(error.into());
                    }
                }
                Err(error) => return Err(error),
                Ok(answer) => {
                    let mut response = Response::new(answer, self.client.answer_limit, &self.plan);
                    let elapsed = self.client.clock.now().saturating_sub(before);
                    self.explain(&mut response, attempt.as_ref(), elapsed);
                    let goes_on = self.goes_on(&response, attempt.as_ref())?;
                    if let Some(attempt) = attempt {
                        self.client.keep(attempt.signed);
                    }
                    if !goes_on {
                        response.finish(self.notes, self.attempts);
                        return Ok(response);
                    }
                }
            }
        }
    }

    fn sign(&self) -> Result<Attempt, SendError> {
        let credentials = self.client.identity.credentials()?;
        let date = self.client.date(&self.plan)?;
        Ok(Attempt {
            signed: self.client.sign(&self.plan, &credentials, date)?,
            credentials,
            date: date.unix_seconds(),
        })
    }

    /// Reads the beginning of a refusal, and what it means.
    fn explain(&self, response: &mut Response, attempt: Option<&Attempt>, elapsed: i64) {
        if response.status() < 400 && !redirect::is_redirect(response.status()) {
            return;
        }
        // A refusal whose body breaks off is still that refusal.
        let _ = response.peek();
        let headers = response.text_headers();
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let host = self.plan.bare_host();
        let host_region = match endpoint::infer(host).map(|scope| scope.region) {
            Some(endpoint::Region::Known(region)) => Some(region),
            _ => None,
        };
        let canonical_request = attempt.map(|one| one.signed.canonical_request().text());
        let refusal = Refusal {
            status: response.status(),
            headers: &headers,
            body: response.peeked(),
            service: &self.plan.service,
            region: &self.plan.region,
            host,
            host_region: host_region.as_deref(),
            canonical_request,
            string_to_sign: attempt.map(|one| one.signed.string_to_sign().text()),
            signed_at: attempt.map(|one| one.date),
            elapsed_seconds: u64::try_from(elapsed).unwrap_or_default(),
        };
        let explained = Explained::of(&refusal);
        response.explained(explained);
    }

    /// Whether another attempt is due after this answer.
    fn goes_on(
        &mut self,
        response: &Response,
        attempt: Option<&Attempt>,
    ) -> Result<bool, SendError> {
        let diagnosis = response.diagnosis();
        let correction = diagnosis.and_then(|diagnosis| diagnosis.correction.clone());
        if let (Some(attempt), Some(correction)) = (attempt, correction)
            && self.plan.body.is_repeatable()
            && self.correct(&correction, attempt)
        {
            return Ok(true);
        }
        if let Some(location) = response.header("location")
            && redirect::is_redirect(response.status())
            && let Some(limit) = self.client.follow_redirects
        {
            if self.redirects >= limit {
                return Err(RedirectError::TooMany { limit }.into());
            }
            self.redirects += 1;
            redirect::turn(&mut self.plan, response.status(), location)?;
            let url = &self.plan.url;
            let to = std::format!("{}://{}{}", url.scheme(), url.host_header(), url.path());
            let signed = !self.plan.unsigned;
            self.note(Note::Redirected { to, signed });
            return Ok(true);
        }
        let (again, asked) = retry::after_answer(response);
        Ok(self.retry(again, RetryCause::Status(response.status()), asked))
    }

    /// Whether something was corrected, so that another attempt may end otherwise.
    fn correct(&mut self, correction: &Correction, attempt: &Attempt) -> bool {
        match correction {
            Correction::Clock {
                server_unix_seconds,
            } if self.plan.given_date.is_none() => {
                let skew = server_unix_seconds.saturating_sub(self.client.clock.now());
                match self.corrected.clock {
                    Some(before) => {
                        // It did not help, and others must not suffer from it.
                        self.client.skew.store(before, Ordering::Relaxed);
                        false
                    }
                    None => {
                        let before = self.client.skew.swap(skew, Ordering::Relaxed);
                        self.corrected.clock = Some(before);
                        self.note(Note::ClockCorrected { skew_seconds: skew });
                        true
                    }
                }
            }
            Correction::RefreshCredentials if !self.corrected.credentials => {
                self.corrected.credentials = true;
                self.refresh(&attempt.credentials)
            }
            Correction::Scope { region, service } if !self.corrected.scope => {
                let region = region.as_ref().unwrap_or(&self.plan.region).clone();
                let service = service.as_ref().unwrap_or(&self.plan.service).clone();
                if region == self.plan.region && service == self.plan.service {
                    return false;
                }
                self.corrected.scope = true;
                if !self.plan.fixed_rules {
                    let had_hash = self.plan.rules.content_sha256_header;
                    self.plan.rules = Rules::for_service(&service);
                    self.plan.rules.content_sha256_header |= had_hash;
                }
                self.plan.region.clone_from(&region);
                self.plan.service.clone_from(&service);
                self.note(Note::ScopeCorrected { region, service });
                true
            }
            _ => false,
        }
    }

    fn refresh(&mut self, refused: &Arc<Credentials>) -> bool {
        let because = match self.client.identity.refresh(refused) {
            Ok(fresh) if is_other(&fresh, refused) => {
                self.note(Note::CredentialsRefreshed);
                return true;
            }
            Ok(_) => "the same credentials came back".into(),
            Err(error) => error.to_string(),
        };
        self.note(Note::CredentialsNotRefreshed { because });
        false
    }

    /// Waits for the next attempt, if there is one.
    fn retry(&mut self, again: Again, because: RetryCause, asked: Option<Duration>) -> bool {
        let policy = &self.client.retries;
        if again == Again::No || self.retries + 1 >= policy.attempts {
            return false;
        }
        if again == Again::MayRepeat && !retry::is_idempotent(&self.plan) {
            self.note(Note::NotRepeated);
            return false;
        }
        if !self.plan.body.is_repeatable() {
            self.note(Note::BodyWasRead);
            return false;
        }
        let wait = policy.wait(self.retries, asked);
        let until = self.elapsed().saturating_add(wait);
        let total = self.client.total.unwrap_or(Duration::MAX);
        if until > policy.deadline || until >= total {
            self.note(Note::GaveUp { wait });
            return false;
        }
        self.retries += 1;
        self.note(Note::Retry {
            attempt: self.attempts,
            because,
            wait,
        });
        self.client.clock.wait(wait);
        self.waited = self.waited.saturating_add(wait);
        true
    }

    fn elapsed(&self) -> Duration {
        let by_clock = self.client.clock.now().saturating_sub(self.started);
        Duration::from_secs(u64::try_from(by_clock).unwrap_or_default()).max(self.waited)
    }

    /// What is left of the whole request's time.
    fn left(&self) -> Result<Option<Duration>, SendError> {
        let Some(total) = self.client.total else {
            return Ok(None);
        };
        match total.saturating_sub(self.elapsed()) {
            Duration::ZERO => Err(super::TransportError::Timeout("the whole request").into()),
            left => Ok(Some(left)),
        }
    }

    fn note(&mut self, note: Note) {
        if let Some(observer) = &self.client.observer {
            observer(&note);
        }
        self.notes.push(note);
    }
}

fn is_other(fresh: &Credentials, refused: &Credentials) -> bool {
    fresh.access_key_id() != refused.access_key_id()
        || fresh.session_token() != refused.session_token()
        || fresh.secret_access_key() != refused.secret_access_key()
}
