//! Every list under `test-vectors/hosts`, both ways: what `infer` answers, and where it must not answer.

use sigv4_kit::endpoint::{Region, Scheme, Scope, dns_suffix, dual_stack_dns_suffix, infer};

const NAMES: &str = include_str!("../test-vectors/hosts/signing-names.tsv");
const SERVICES: &str = include_str!("../test-vectors/hosts/hosts-dev.tsv");
const DATA_PLANE: &str = include_str!("../test-vectors/hosts/hosts-data-plane-dev.tsv");
const HOLD_OUT: &str = include_str!("../test-vectors/hosts/hold-out.tsv");
const MORE: &str = include_str!("../test-vectors/hosts/more.tsv");
const NONE: &str = include_str!("../test-vectors/hosts/none.tsv");

fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().skip(1).map(|line| line.split('\t').collect())
}

/// `service/region`, with `?` before a region that the host does not tell.
fn answer(scope: &Option<Scope>) -> String {
    match scope {
        None => "none".to_owned(),
        Some(scope) => match &scope.region {
            Region::Known(region) => format!("{}/{region}", scope.service),
            Region::Unknown { default } => format!("{}/?{default}", scope.service),
        },
    }
}

/// Asserts that at least `per_mille` of the rows are right, and prints the rate and what is wrong.
fn require(list: &str, per_mille: usize, outcomes: impl Iterator<Item = (String, String, bool)>) {
    let (mut right, mut total, mut wrong) = (0, 0, String::new());
    for (host, got, is_right) in outcomes {
        total += 1;
        right += usize::from(is_right);
        if !is_right {
            wrong += &format!("  {host}: {got}\n");
        }
    }
    println!("{list}: {right} of {total} right\n{wrong}");
    assert!(
        total > 0 && right * 1000 >= total * per_mille,
        "{list}: {right} of {total}\n{wrong}"
    );
}

#[test]
fn at_least_998_of_1000_service_hosts_are_right() {
    let outcomes = rows(SERVICES).map(|row| {
        let got = answer(&infer(row[0]));
        let is_right = row[1].split('|').any(|wanted| wanted == got);
        (row[0].to_owned(), got, is_right)
    });
    require("hosts-dev", 998, outcomes);
}

#[test]
fn every_data_plane_host_is_right() {
    let outcomes = rows(DATA_PLANE).map(|row| {
        let got = answer(&infer(row[0]));
        let wanted = format!("{}/{}", row[1], row[2]);
        (
            row[0].to_owned(),
            got.clone(),
            got.replace('?', "") == wanted,
        )
    });
    require("hosts-data-plane-dev", 1000, outcomes);
}

#[test]
fn at_least_998_of_1000_held_out_hosts_are_right() {
    let outcomes = rows(HOLD_OUT).map(|row| {
        let scope = infer(row[0]);
        let got = answer(&scope);
        let scheme = scope.map_or(String::new(), |scope| format!("{:?}", scope.scheme));
        let wanted = format!("{}/{}", row[1], row[2]);
        let is_unknown_region = got.starts_with(&format!("{}/?", row[1]));
        let is_right = (got == wanted || is_unknown_region) && scheme == row[3];
        (row[0].to_owned(), format!("{got} {scheme}"), is_right)
    });
    require("hold-out", 998, outcomes);
}

#[test]
fn every_row_of_the_signing_names_is_right() {
    let rows = || rows(NAMES).filter(|row| row.len() > 3);
    let hosts = rows().filter(|row| matches!(row[0], "dataplane" | "global" | "region_override"));
    let outcomes = hosts.map(|row| {
        let got = answer(&infer(row[1]));
        let is_one_of_several = row
            .get(4)
            .is_some_and(|detail| detail.contains("AMBIGUOUS"));
        let is_service = got.split('/').next() == Some(row[2]);
        let is_right = got.replace('?', "") == format!("{}/{}", row[2], row[3]);
        (
            row[1].to_owned(),
            got,
            is_right || is_one_of_several && is_service,
        )
    });
    require("signing-names, hosts", 1000, outcomes);

    let prefixes = rows().filter(|row| matches!(row[0], "service" | "prefix" | "extra"));
    let outcomes = prefixes.map(|row| {
        // `iotdata` is the name of devices' endpoints, `id-ats.iot`; `iot` alone is the control plane.
        let prefix = match row[1] {
            "iot" => "id-ats.iot".to_owned(),
            prefix => prefix.replace("<azid>", "use1-az4"),
        };
        let got = answer(&infer(&format!("{prefix}.eu-west-9.amazonaws.com")));
        // The rule set signs this one for the partition's global region.
        let region = if prefix.starts_with("api.sustainability") {
            "us-east-1"
        } else {
            "eu-west-9"
        };
        let wanted = format!("{}/{region}", row[2]);
        let is_right = got == wanted || prefix.ends_with("aws-global");
        (prefix, got, is_right)
    });
    require("signing-names, prefixes", 1000, outcomes);
}

#[test]
fn every_form_of_a_host_is_known() {
    let outcomes = rows(MORE).map(|row| {
        let scope = infer(row[0]);
        let scheme = scope
            .as_ref()
            .map_or(String::new(), |scope| format!("{:?}", scope.scheme));
        let (got, wanted) = (
            format!("{} {scheme}", answer(&scope)),
            format!("{}/{} {}", row[1], row[2], row[3]),
        );
        (row[0].to_owned(), got.clone(), got == wanted)
    });
    require("more", 1000, outcomes);
}

#[test]
fn a_host_that_is_not_aws_or_takes_no_signature_gets_no_answer() {
    let outcomes = rows(NONE).map(|row| {
        let scope = infer(row[0]);
        (row[0].to_owned(), answer(&scope), scope.is_none())
    });
    require("none", 1000, outcomes);
}

#[test]
fn a_right_host_inside_another_name_gets_no_answer() {
    for row in rows(SERVICES) {
        let host = row[0];
        let fakes = [
            format!("{host}.evil.example"),
            format!("{host}.evil"),
            format!("{host}x"),
            format!("{host}/"),
            format!("evil.example/{host}"),
            format!("user@{host}"),
            host.replace('.', "-"),
        ];
        for fake in fakes {
            assert_eq!(infer(&fake), None, "{fake}");
        }
    }
}

#[test]
fn the_configured_region_counts_only_where_the_host_tells_none() {
    let bucket = infer("bucket.s3.amazonaws.com").unwrap();
    assert_eq!(bucket.region(Some("eu-west-1")), "eu-west-1");
    assert_eq!(bucket.region(None), "us-east-1");
    let domain = infer("search-x.us-west-2.es.amazonaws.com").unwrap();
    assert_eq!(domain.region(Some("eu-west-1")), "us-west-2");
}

#[test]
fn a_host_with_another_scheme_is_refused_with_its_name() {
    let refusal = |host: &str| infer(host).unwrap().require_v4().unwrap_err().to_string();
    assert_eq!(
        refusal("id.accesspoint.s3-global.amazonaws.com"),
        "this s3 endpoint takes AWS Signature Version 4A (asymmetric), not AWS Signature Version 4"
    );
    assert_eq!(
        refusal("codecatalyst.global.api.aws"),
        "this codecatalyst endpoint takes a bearer token, not AWS Signature Version 4"
    );
    assert!(refusal("sdb.amazonaws.com").contains("Signature Version 2"));
    assert_eq!(infer("sts.amazonaws.com").unwrap().require_v4(), Ok(()));
    assert_eq!(infer("sts.amazonaws.com").unwrap().scheme, Scheme::V4);
}

#[test]
fn a_region_has_the_dns_suffixes_of_its_partition() {
    for (region, classic, dual_stack) in [
        ("us-east-1", "amazonaws.com", "api.aws"),
        ("us-gov-west-1", "amazonaws.com", "api.aws"),
        (
            "cn-north-1",
            "amazonaws.com.cn",
            "api.amazonwebservices.com.cn",
        ),
        ("eusc-de-east-1", "amazonaws.eu", "api.amazonwebservices.eu"),
        ("us-iso-west-1", "c2s.ic.gov", "api.aws.ic.gov"),
        ("us-isob-east-1", "sc2s.sgov.gov", "api.aws.scloud"),
        ("eu-isoe-west-1", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
        ("us-isof-south-1", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
        ("moon-base-1", "amazonaws.com", "api.aws"),
        ("", "amazonaws.com", "api.aws"),
    ] {
        assert_eq!(dns_suffix(region), classic, "{region}");
        assert_eq!(dual_stack_dns_suffix(region), dual_stack, "{region}");
    }
}

/// Texts made of the pieces that hosts are made of, and of bytes that break parsers.
#[test]
fn no_text_makes_it_panic_or_answer_with_an_empty_name() {
    let pieces = [
        ".",
        "..",
        "-",
        ":",
        ":443",
        "[",
        "]",
        "@",
        "/",
        "*",
        "%",
        " ",
        "\0",
        "é",
        "\u{1f980}",
        "_",
        "s3",
        "s3-",
        "s3-fips-",
        "es",
        "aoss",
        "-fips",
        "fips",
        "dualstack",
        "global",
        "us-gov",
        "vpce",
        "vpce-1",
        "us-east-1",
        "us-gov-west-1",
        "cn-north-1",
        "-east-1",
        "us--1",
        "eusc-",
        "eusc-de-east-1",
        "us-east-99999999999999999999",
        "queue",
        "iam",
        "signin",
        "amazonaws.com",
        "amazonaws.com.cn",
        "api.aws",
        "on.aws",
        "aws.amazon.com",
        "c2s.ic.gov",
        "amazonaws.eu",
        "x",
        "X",
        "0",
    ];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        // xorshift64*: the same texts in every run.
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % below
    };
    let mut answered = 0;
    for _ in 0..200_000 {
        let mut text = String::new();
        for _ in 0..next(9) {
            text += pieces[next(pieces.len())];
            if next(3) > 0 {
                text.push('.');
            }
        }
        if let Some(scope) = infer(&text) {
            answered += 1;
            assert!(
                !scope.service.is_empty() && !scope.region(None).is_empty(),
                "{text:?}: {scope:?}"
            );
        }
    }
    assert!(answered > 100, "only {answered} texts were hosts");
}
