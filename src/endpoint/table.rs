//! All that the host names of AWS do not say by their shape.
//!
//! The names are those of the label in front of the region, without the marks of FIPS and dual-stack variants; the
//! pattern language is that of `matches` beside this file. A service that is missing here signs as its label says.

use super::Scheme;

/// The four DNS suffixes of a [`Partition`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Suffix {
    Classic,
    DualStack,
    /// Single resources: domains, collections, functions.
    Resource,
    /// The sign-in service, which stands beside the console.
    SignIn,
}

pub(super) struct Partition {
    pub(super) name: &'static str,
    /// What stands before `-word-number` in its regions; `??` is a country.
    pub(super) geographies: &'static [&'static str],
    /// In the order of [`Suffix`]; empty where none is known.
    pub(super) suffixes: [&'static str; 4],
    /// The region that services of the whole partition are signed for.
    pub(super) global_region: &'static str,
}

/// Of partitions with the same suffixes the first is the one without a label of its own.
pub(super) const PARTITIONS: [Partition; 8] = [
    Partition {
        name: "aws",
        geographies: &["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"],
        suffixes: ["amazonaws.com", "api.aws", "on.aws", "aws.amazon.com"],
        global_region: "us-east-1",
    },
    Partition {
        name: "aws-us-gov",
        geographies: &["us-gov"],
        suffixes: ["amazonaws.com", "api.aws", "on.aws", "amazonaws-us-gov.com"],
        global_region: "us-gov-west-1",
    },
    Partition {
        name: "aws-cn",
        geographies: &["cn"],
        suffixes: [
            "amazonaws.com.cn",
            "api.amazonwebservices.com.cn",
            "on.amazonwebservices.com.cn",
            "amazonaws.cn",
        ],
        global_region: "cn-northwest-1",
    },
    Partition {
        name: "aws-eusc",
        geographies: &["eusc-??"],
        suffixes: [
            "amazonaws.eu",
            "api.amazonwebservices.eu",
            "on.amazonwebservices.eu",
            "amazonaws-eusc.eu",
        ],
        global_region: "eusc-de-east-1",
    },
    Partition {
        name: "aws-iso",
        geographies: &["us-iso"],
        suffixes: ["c2s.ic.gov", "api.aws.ic.gov", "", "c2shome.ic.gov"],
        global_region: "us-iso-east-1",
    },
    Partition {
        name: "aws-iso-b",
        geographies: &["us-isob"],
        suffixes: ["sc2s.sgov.gov", "api.aws.scloud", "", "sc2shome.sgov.gov"],
        global_region: "us-isob-east-1",
    },
    Partition {
        name: "aws-iso-e",
        geographies: &["eu-isoe"],
        suffixes: [
            "cloud.adc-e.uk",
            "api.cloud-aws.adc-e.uk",
            "",
            "csphome.adc-e.uk",
        ],
        global_region: "eu-isoe-west-1",
    },
    Partition {
        name: "aws-iso-f",
        geographies: &["us-isof"],
        suffixes: [
            "csp.hci.ic.gov",
            "api.aws.hci.ic.gov",
            "",
            "csphome.hci.ic.gov",
        ],
        global_region: "us-isof-south-1",
    },
];

/// Names that sign as another service. The first row that matches counts.
pub(super) const ALIASES: &[(&str, &str)] = &[
    ("account-access-runtime", "account-access"),
    ("agent-registry-control", "agent-registry"),
    ("aos", "es"),
    ("appconfigdata", "appconfig"),
    ("appstream2", "appstream"),
    ("appsync-api", "appsync"),
    ("appsync-realtime-api", "appsync"),
    ("aps-workspaces", "aps"),
    (
        "arc-recovery-control-config",
        "route53-recovery-control-config",
    ),
    ("backupstorage", "backup-storage"),
    ("bedrock-agent", "bedrock"),
    ("bedrock-agent-runtime", "bedrock"),
    ("bedrock-agentcore-control", "bedrock-agentcore"),
    ("bedrock-data-automation", "bedrock"),
    ("bedrock-data-automation-runtime", "bedrock"),
    ("bedrock-runtime", "bedrock"),
    ("cassandra-streams", "cassandra"),
    ("*-chime", "chime"),
    ("cloudfront-kvs", "cloudfront-keyvaluestore"),
    ("cloudhsmv2", "cloudhsm"),
    ("cloudsearchdomain", "cloudsearch"),
    ("cloudwatch-omni", "cloudwatch"),
    ("contact-lens", "connect"),
    ("data-servicediscovery", "servicediscovery"),
    ("data-signer", "signer"),
    ("ddb", "dynamodb"),
    ("*-ddb", "dynamodb"),
    ("efs", "elasticfilesystem"),
    ("email", "ses"),
    ("eventsv2", "events"),
    ("forecastquery", "forecast"),
    ("git-codecommit", "codecommit"),
    ("grafana-workspace", "grafana"),
    ("iam-toolbox", "iam"),
    ("iot-tunneling", "IoTSecuredTunneling"),
    ("tunneling.iot", "IoTSecuredTunneling"),
    ("fleethub.iot", "iotfleethub"),
    ("greengrass-ats.iot", "greengrass"),
    ("jobs.iot", "iot-jobs-data"),
    ("*.iot", "iotdata"),
    ("data.iotevents", "ioteventsdata"),
    ("ivsrealtime", "ivs"),
    ("kafka-api", "kafka"),
    ("*-kinesis", "kinesis"),
    ("*-kinesis-queues", "kinesis"),
    ("*-lakeformation", "lakeformation"),
    ("lambda-url", "lambda"),
    ("*-lex", "lex"),
    ("mail-manager", "ses"),
    ("cp.maps.geo", "geo"),
    ("cp.places.geo", "geo"),
    ("cp.routes.geo", "geo"),
    ("maps.geo", "geo-maps"),
    ("marketplace", "aws-marketplace"),
    ("*-marketplace", "aws-marketplace"),
    ("memory-db", "memorydb"),
    ("migrationhub-config", "mgh"),
    ("neptune", "neptune-db"),
    ("oidc", "sso-oauth"),
    ("*-omics", "omics"),
    ("participant.connect", "execute-api"),
    ("partnercentral-prm", "partnercentral"),
    ("personalize-events", "personalize"),
    ("personalize-runtime", "personalize"),
    ("sms-voice.pinpoint", "sms-voice"),
    ("pinpoint", "mobiletargeting"),
    ("places.geo", "geo-places"),
    ("portal.sso", "awsssoportal"),
    ("queue", "sqs"),
    ("routes.geo", "geo-routes"),
    ("dicom-medical-imaging", "medical-imaging"),
    ("runtime-medical-imaging", "medical-imaging"),
    ("s3-accelerate", "s3"),
    ("s3-accesspoint", "s3"),
    ("s3-control", "s3"),
    ("s3-external-1", "s3"),
    ("s3-global", "s3"),
    ("s3express-*", "s3express"),
    ("servicecatalog-appregistry", "servicecatalog"),
    ("stream-logs", "logs"),
    ("streaming-logs", "logs"),
    ("streams-dynamodb", "dynamodb"),
    ("streaming-rekognition", "rekognition"),
    ("sync-states", "states"),
    ("timestream-ingest", "timestream"),
    ("timestream-query", "timestream"),
    ("transcribestreaming", "transcribe"),
];

/// Services whose hosts have the region in front: `id.us-east-1.es.amazonaws.com`.
pub(super) const REGION_FIRST: &[&str] = &[
    "aoss",
    "cloudsearch",
    "elasticmapreduce",
    "es",
    "neptune",
    "neptune-graph",
    "opensearch",
    "osis",
    "queue",
];

/// Hosts without a region that are signed for the partition's global region: the name alone or, after `*`, with
/// labels in front.
pub(super) const GLOBAL: &[&str] = &[
    "budgets",
    "cloudfront",
    "*.endpoint.events",
    "*.endpoints.email",
    "global.health",
    "iam",
    "importexport",
    "queue",
    "route53",
    "s3",
    "*.accesspoint.s3-global",
    "s3-external-1",
    "*.s3-external-1",
    "savingsplans",
    "sdb",
    "sts",
    "waf",
];

/// Hosts without a region behind which every region may stand.
pub(super) const SEVERAL_REGIONS: &[&str] = &["*.s3", "*.s3-accelerate"];

/// Name and partition, service and region: names that are signed so whatever region the host says.
pub(super) const PINNED: &[(&str, &str, &str, &str)] = &[
    ("iam", "aws-cn", "iam", "cn-north-1"),
    ("importexport", "aws", "IngestionService", "us-east-1"),
    ("sustainability", "aws", "sustainability", "us-east-1"),
];

/// Names that take something else than Signature Version 4.
pub(super) const SCHEMES: &[(&str, Scheme)] = &[
    ("account-access-runtime", Scheme::Bearer),
    ("cloudfront-kvs", Scheme::V4a),
    ("codecatalyst", Scheme::Bearer),
    ("*.endpoint.events", Scheme::V4a),
    ("*.endpoints.email", Scheme::V4a),
    ("importexport", Scheme::V2),
    ("*.accesspoint.s3-global", Scheme::V4a),
    ("sdb", Scheme::V2),
];

/// Names of hosts that take no signature in HTTP: customers' load balancers and endpoint services, websites and
/// applications, mail, databases, brokers, file systems, package and container registries, device certificates.
pub(super) const UNSIGNED: &[&str] = &[
    "auth.cognito-idp",
    "compute",
    "credentials.iot",
    "d.codeartifact",
    "dkr.ecr",
    "dkr-ecr",
    "*.efs",
    "elb",
    "email-smtp",
    "emrappui-prod",
    "emrnotebooks-prod",
    "emrstudio-prod",
    "*.kafka",
    "*.kafka-serverless",
    "*.mq",
    "*.rds",
    "s3-website",
    "s3-website-*",
    "server.transfer",
    "transfer-webapp",
    "vfs.cloud9",
    "vpce-*",
];

#[cfg(test)]
mod tests {
    use super::super::{bare, matches, name, partition_of, split_suffix};
    use super::*;
    use alloc::{string::String, vec, vec::Vec};

    const NAMES: &str = include_str!("../../test-vectors/hosts/signing-names.tsv");
    const HOSTS: [&str; 5] = [
        include_str!("../../test-vectors/hosts/signing-names.tsv"),
        include_str!("../../test-vectors/hosts/hosts-dev.tsv"),
        include_str!("../../test-vectors/hosts/hosts-data-plane-dev.tsv"),
        include_str!("../../test-vectors/hosts/more.tsv"),
        include_str!("../../test-vectors/hosts/none.tsv"),
    ];

    /// Each name that a host or prefix of the lists has, and the rest of its line.
    fn listed() -> Vec<(String, &'static str)> {
        let mut listed = Vec::new();
        for line in HOSTS.iter().flat_map(|text| text.lines()) {
            let (first, rest) = line.split_once('\t').unwrap_or((line, ""));
            let is_prefix = matches!(first, "service" | "prefix" | "extra");
            let is_host = matches!(first, "dataplane" | "global" | "region_override");
            let (host, rest) = match is_prefix || is_host {
                true => rest.split_once('\t').unwrap_or((rest, "")),
                false => (first, rest),
            };
            if is_prefix {
                listed.push((String::from(host), rest));
            } else if let Some(host) = bare(host) {
                listed.extend(names_of(&host).into_iter().map(|name| (name, rest)));
            }
        }
        listed
    }

    fn names_of(host: &str) -> Vec<String> {
        let Some((labels, _, _)) = split_suffix(host) else {
            return Vec::new();
        };
        let labels: Vec<&str> = labels.split('.').collect();
        match labels
            .iter()
            .rposition(|label| partition_of(label).is_some())
        {
            Some(at) => vec![name(&labels[..at]), name(&labels[at + 1..])],
            None => vec![name(&labels), name(&labels[..labels.len() - 1])],
        }
    }

    #[test]
    fn every_row_stands_for_a_host_in_the_lists() {
        let listed = listed();
        let is_listed = |pattern: &str, answer: &str| {
            let is_it = |(name, rest): &(String, &str)| {
                matches(pattern, name)
                    && rest
                        .split(['\t', '/'])
                        .any(|field| field == answer || answer.is_empty())
            };
            assert!(listed.iter().any(is_it), "{pattern} -> {answer}");
        };
        ALIASES
            .iter()
            .for_each(|(pattern, service)| is_listed(pattern, service));
        PINNED
            .iter()
            .for_each(|(pattern, _, _, region)| is_listed(pattern, region));
        let unanswered = [REGION_FIRST, GLOBAL, SEVERAL_REGIONS, UNSIGNED];
        unanswered
            .iter()
            .flat_map(|rows| rows.iter())
            .for_each(|row| is_listed(row, ""));
        SCHEMES
            .iter()
            .for_each(|(pattern, _)| is_listed(pattern, ""));
    }

    #[test]
    fn the_partitions_are_those_of_the_list() {
        let rows: Vec<Vec<&str>> = NAMES
            .lines()
            .map(|line| line.split('\t').collect())
            .collect();
        let rows: Vec<_> = rows.iter().filter(|row| row[0] == "partition").collect();
        assert_eq!(rows.len(), PARTITIONS.len());
        for partition in &PARTITIONS {
            let row = rows
                .iter()
                .find(|row| row[1] == partition.name)
                .expect("a listed partition");
            assert_eq!(row[2], partition.suffixes[Suffix::Classic as usize]);
            assert_eq!(row[3], partition.global_region);
            let facts: Vec<&str> = row[4].split("; ").collect();
            assert_eq!(
                facts[0].strip_prefix("dualstack="),
                Some(partition.suffixes[Suffix::DualStack as usize])
            );
            let regions = facts[2]
                .strip_prefix("regions=")
                .expect("regions")
                .split(',');
            for region in regions.filter(|region| !region.ends_with("-global")) {
                assert_eq!(
                    partition_of(region).map(|of| of.name),
                    Some(partition.name),
                    "{region}"
                );
            }
        }
    }
}
