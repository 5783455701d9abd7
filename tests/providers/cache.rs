use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};

use sigv4_kit::Credentials;
use sigv4_kit::provider::{
    Answer, Cache, Chain, Clock, Context, Environment, InstanceMetadata, ProvideCredentials,
    Provider, ProviderError, Source,
};

use crate::server::{Reply, Server};
use crate::{NOW, environment};

/// A clock that a test moves.
fn hand_moved() -> (Arc<AtomicI64>, Clock) {
    let time = Arc::new(AtomicI64::new(NOW));
    let read = time.clone();
    (
        time,
        Clock::new(move || read.load(Ordering::SeqCst), |_| ()),
    )
}

/// Issues `KEY1`, `KEY2`, … each living `life` seconds, or fails where it is told to.
struct Issuer {
    life: i64,
    issued: Arc<AtomicUsize>,
    failing: Arc<Mutex<bool>>,
}

impl Provider for Issuer {
    fn source(&self) -> Source {
        Source::Given
    }

    fn provide(&self, context: &Context) -> Result<Answer, ProviderError> {
        let number = self.issued.fetch_add(1, Ordering::SeqCst) + 1;
        if *self.failing.lock().unwrap() {
            return Err(ProviderError::Unusable {
                source: Source::Given,
                cause: "told to fail".into(),
            });
        }
        let credentials = Credentials::new(&format!("KEY{number}"), &format!("secret{number}"))
            .and_then(|one| one.with_session_token(&format!("token{number}")))
            .unwrap();
        let expiry = context.clock().now() + self.life;
        Ok(Answer::Credentials(credentials.with_expiry(expiry)))
    }
}

struct Bench {
    time: Arc<AtomicI64>,
    issued: Arc<AtomicUsize>,
    failing: Arc<Mutex<bool>>,
    cache: Cache,
}

impl Bench {
    fn new(life: i64) -> Self {
        let (time, clock) = hand_moved();
        let (issued, failing) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(false)));
        let issuer = Issuer {
            life,
            issued: issued.clone(),
            failing: failing.clone(),
        };
        let chain = Chain::of(
            Context::new(Environment::empty(), clock),
            vec![Box::new(issuer)],
        );
        Bench {
            time,
            issued,
            failing,
            cache: Cache::new(chain),
        }
    }

    fn at(&self, seconds: i64) -> Result<String, ProviderError> {
        self.time.store(NOW + seconds, Ordering::SeqCst);
        Ok(self.cache.credentials()?.access_key_id().to_string())
    }

    fn issued(&self) -> usize {
        self.issued.load(Ordering::SeqCst)
    }
}

#[test]
fn credentials_are_asked_for_once_and_renewed_15_minutes_ahead() {
    let bench = Bench::new(6 * 3600);
    assert_eq!(bench.issued(), 0);
    assert_eq!(bench.at(0).unwrap(), "KEY1");
    assert_eq!(bench.at(6 * 3600 - 901).unwrap(), "KEY1");
    assert_eq!(bench.at(6 * 3600 - 900).unwrap(), "KEY2");
    assert_eq!(bench.issued(), 2);
}

#[test]
fn credentials_without_an_expiry_are_kept() {
    let (time, clock) = hand_moved();
    let environment = environment(&[
        ("AWS_ACCESS_KEY_ID", "A"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
    ]);
    let cache = Cache::new(Chain::new(Context::new(environment, clock)));
    let first = cache.credentials().unwrap();
    time.store(i64::MAX, Ordering::SeqCst);
    assert!(Arc::ptr_eq(&first, &cache.clone().credentials().unwrap()));
}

#[test]
fn case_25_a_short_life_is_not_renewed_at_every_use() {
    for life in [900, 14 * 60, 60] {
        let bench = Bench::new(life);
        for second in 0..life * 2 / 3 {
            assert_eq!(bench.at(second).unwrap(), "KEY1");
        }
        assert_eq!(bench.at(life * 2 / 3).unwrap(), "KEY2", "{life}");
    }
}

#[test]
fn of_64_threads_exactly_one_renews() {
    for second in [3600 - 700, 3600 - 300, 3600, 5000] {
        let bench = Bench::new(3600);
        bench.at(0).unwrap();
        bench.time.store(NOW + second, Ordering::SeqCst);
        let start = Arc::new(Barrier::new(64));
        let threads: Vec<_> = (0..64)
            .map(|_| {
                let (cache, start) = (bench.cache.clone(), start.clone());
                std::thread::spawn(move || {
                    start.wait();
                    cache.credentials().unwrap()
                })
            })
            .collect();
        for thread in threads {
            let one = thread.join().unwrap();
            // Key, secret and token were issued together.
            let number = one.access_key_id().strip_prefix("KEY").unwrap();
            assert_eq!(one.secret_access_key(), format!("secret{number}"));
            assert_eq!(one.session_token().unwrap(), format!("token{number}"));
            assert!(one.expires_at().unwrap() > NOW + second);
        }
        assert_eq!(bench.issued(), 2, "at {second}");
    }
}

#[test]
fn of_64_threads_with_nothing_yet_exactly_one_asks_the_instance() {
    let server = Server::start(|request| crate::imds::v2(request, crate::imds::ANSWER));
    let url = server.url();
    let environment = environment(&[("AWS_EC2_METADATA_SERVICE_ENDPOINT", url.as_str())]);
    let (time, clock) = hand_moved();
    let cache = Cache::new(Chain::new(Context::new(environment, clock)));
    for (moment, requests) in [(NOW, 3), (NOW + 6 * 3600 - 300, 6)] {
        time.store(moment, Ordering::SeqCst);
        let start = Arc::new(Barrier::new(64));
        let threads: Vec<_> = (0..64)
            .map(|_| {
                let (cache, start) = (cache.clone(), start.clone());
                std::thread::spawn(move || {
                    start.wait();
                    cache.credentials().unwrap().access_key_id().to_string()
                })
            })
            .collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), "ASIAEXAMPLE");
        }
        // The instance still hands out the same expiry: its 300 seconds are a life of their own.
        assert_eq!(server.requests().len(), requests);
    }
}

#[test]
fn case_03_a_renewal_that_fails_keeps_the_old_credentials_while_they_are_valid() {
    let mut documents = vec![Reply::status(500), Reply::ok(crate::imds::ANSWER)];
    let server = Server::start(move |request| match request.target.ends_with("/web") {
        true => documents.pop().unwrap_or(Reply::status(500)),
        false => crate::imds::v2(request, ""),
    });
    let (time, clock) = hand_moved();
    let url = server.url();
    let environment = environment(&[("AWS_EC2_METADATA_SERVICE_ENDPOINT", url.as_str())]);
    let context = Context::new(environment, clock);
    let cache = Cache::new(Chain::of(context, vec![Box::new(InstanceMetadata)]));
    let first = cache.credentials().unwrap();
    time.store(NOW + 6 * 3600 - 13 * 60, Ordering::SeqCst);
    assert!(Arc::ptr_eq(&first, &cache.credentials().unwrap()));
    assert_eq!(server.requests().len(), 6);
    // One second before the end they are still used; afterwards the failure is told.
    time.store(NOW + 6 * 3600 - 1, Ordering::SeqCst);
    assert!(Arc::ptr_eq(&first, &cache.credentials().unwrap()));
    time.store(NOW + 6 * 3600, Ordering::SeqCst);
    let error = cache.credentials().unwrap_err();
    assert!(matches!(
        error,
        ProviderError::Status {
            source: Source::Imds,
            status: 500,
            ..
        }
    ));
}

#[test]
fn a_renewal_that_fails_is_tried_again_after_a_minute() {
    let bench = Bench::new(3600);
    bench.at(0).unwrap();
    *bench.failing.lock().unwrap() = true;
    for second in 2700..2760 {
        assert_eq!(bench.at(second).unwrap(), "KEY1");
    }
    assert_eq!(bench.issued(), 2);
    assert_eq!(bench.at(2760).unwrap(), "KEY1");
    assert_eq!(bench.issued(), 3);
    *bench.failing.lock().unwrap() = false;
    assert_eq!(bench.at(2820).unwrap(), "KEY4");
}

#[test]
fn a_refused_set_is_replaced_once_for_all_who_hold_it() {
    let bench = Bench::new(3600);
    let first = bench.cache.credentials().unwrap();
    let second = bench.cache.force_refresh(&first).unwrap();
    assert_eq!(second.access_key_id(), "KEY2");
    // Another holder of the first set is given the second.
    assert!(Arc::ptr_eq(
        &second,
        &bench.cache.force_refresh(&first).unwrap()
    ));
    assert_eq!(bench.issued(), 2);
    *bench.failing.lock().unwrap() = true;
    let error = bench.cache.force_refresh(&second).unwrap_err();
    assert_eq!(error.to_string(), "given credentials: told to fail");
    // What is kept is still valid by its own expiry.
    assert!(Arc::ptr_eq(&second, &bench.cache.credentials().unwrap()));
}

#[test]
fn fixed_credentials_are_what_they_are() {
    let fixed = Credentials::new("A", "hunter2").unwrap();
    let shared: Arc<dyn ProvideCredentials> = Arc::new(fixed);
    let one = shared.credentials().unwrap();
    assert_eq!(shared.force_refresh(&one).unwrap().access_key_id(), "A");
}

#[test]
fn of_64_threads_that_were_refused_exactly_one_renews() {
    let bench = Bench::new(3600);
    let refused = bench.cache.credentials().unwrap();
    let start = Arc::new(Barrier::new(64));
    let threads: Vec<_> = (0..64)
        .map(|_| {
            let (cache, start, refused) = (bench.cache.clone(), start.clone(), refused.clone());
            std::thread::spawn(move || {
                start.wait();
                cache.force_refresh(&refused).unwrap()
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap().access_key_id(), "KEY2");
    }
    assert_eq!(bench.issued(), 2);
}

#[test]
fn a_failing_renewal_in_the_mandatory_window_is_tried_once_for_64_threads() {
    let bench = Bench::new(3600);
    bench.at(0).unwrap();
    *bench.failing.lock().unwrap() = true;
    bench.time.store(NOW + 3600 - 300, Ordering::SeqCst);
    let start = Arc::new(Barrier::new(64));
    let threads: Vec<_> = (0..64)
        .map(|_| {
            let (cache, start) = (bench.cache.clone(), start.clone());
            std::thread::spawn(move || {
                start.wait();
                cache.credentials().unwrap().access_key_id().to_string()
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), "KEY1");
    }
    assert_eq!(bench.issued(), 2);
}

/// Panics the first time.
struct Faulty(AtomicUsize);

impl Provider for Faulty {
    fn source(&self) -> Source {
        Source::Given
    }

    fn provide(&self, _: &Context) -> Result<Answer, ProviderError> {
        assert!(self.0.fetch_add(1, Ordering::SeqCst) > 0, "the first time");
        Ok(Answer::Credentials(Credentials::new("A", "s").unwrap()))
    }
}

#[test]
fn a_provider_that_panics_leaves_the_cache_usable() {
    let faulty = Faulty(AtomicUsize::new(0));
    let context = Context::new(Environment::empty(), Clock::fixed(NOW));
    let cache = Cache::new(Chain::of(context, vec![Box::new(faulty)]));
    let first = cache.clone();
    std::thread::spawn(move || first.credentials().map(drop))
        .join()
        .unwrap_err();
    assert_eq!(cache.credentials().unwrap().access_key_id(), "A");
}
