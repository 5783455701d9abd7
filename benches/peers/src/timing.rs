//! Thread CPU time, many short interleaved rounds, best decile of each contender.

/// One way of doing the work; called once, it does it once.
pub type Contender<'a> = Box<dyn FnMut() + 'a>;

/// Nanoseconds per call for each contender.
pub fn measure(contenders: &mut [Contender<'_>], rounds: usize, calls: usize) -> Vec<f64> {
    let mut times = vec![Vec::with_capacity(rounds); contenders.len()];
    for contender in contenders.iter_mut() {
        contender();
    }
    for _ in 0..rounds {
        for (contender, times) in contenders.iter_mut().zip(&mut times) {
            let start = thread_cpu_ns();
            for _ in 0..calls {
                contender();
            }
            times.push((thread_cpu_ns() - start) as f64 / calls as f64);
        }
    }
    times.into_iter().map(best_decile).collect()
}

fn best_decile(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    let best = &times[..(times.len() / 10).max(1)];
    best.iter().sum::<f64>() / best.len() as f64
}

fn thread_cpu_ns() -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the pointer is to a timespec of this frame.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    assert_eq!(result, 0, "the thread's clock can be read");
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
