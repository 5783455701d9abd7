//! Signing speed: this crate beside the floor and beside its peers, interleaved in one run.
//!
//! `cargo run --release` prints, for each workload, the best decile of thread CPU time per call and its ratio to the
//! floor: the SHA-256 compressions that no correct signer can avoid, done back to back on the same data.

mod floor;
mod growth;
mod ours;
mod peers;
mod timing;
mod workload;

use timing::{Contender, measure};
use workload::Workload;

fn main() {
    let rounds = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(300);
    let workloads = workload::load();
    if let Some(id) = std::env::args().nth(2) {
        // One workload alone, for a profiler.
        let workload = workloads
            .iter()
            .find(|workload| workload.id == id)
            .expect("w1 to w6");
        println!(
            "{:?}",
            measure(&mut [ours::kept_key(workload)], rounds, 1000)
        );
        return;
    }
    println!(
        "| workload | floor cached ns | kept key | floor cold ns | cold | aws-sigv4 | reqsign | rusty-s3 | aws-sigv4 / ours cold | aws-sigv4 / ours kept |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for workload in &workloads {
        print_row(workload, rounds);
    }
    growth::print(rounds / 10);
}

fn print_row(workload: &Workload, rounds: usize) {
    let mut contenders: Vec<Contender<'_>> = vec![
        floor::cached(workload),
        floor::cold(workload),
        ours::kept_key(workload),
        ours::cold(workload),
        peers::aws_sigv4(workload),
        peers::reqsign(workload),
    ];
    if workload.service == "s3" && workload.method == "GET" {
        contenders.push(peers::rusty_s3(workload));
    }
    let calls = if workload.body.len() > 1 << 20 {
        1
    } else {
        200
    };
    let rounds = if calls == 1 { rounds / 5 } else { rounds };
    let ns = measure(&mut contenders, rounds, calls);
    let rusty = ns
        .get(6)
        .map_or("-".to_string(), |t| format!("{:.2}", t / ns[1]));
    println!(
        "| {} | {:.0} | {:.2} | {:.0} | {:.2} | {:.2} | {:.2} | {rusty} | {:.1} | {:.1} |",
        workload.id,
        ns[0],
        ns[2] / ns[0],
        ns[1],
        ns[3] / ns[1],
        ns[4] / ns[1],
        ns[5] / ns[1],
        ns[4] / ns[3],
        ns[4] / ns[2],
    );
}
