//! How to collect what is missing: commands to copy, with the call's own values in them.
//!
//! Values come from evidence: each stands in single quotes that it cannot end. Secrets are shell variables that the
//! person sets; what only the person knows is a variable too.

use crate::case::Case;
use crate::escape::shell;

/// The call again, with everything that curl can tell.
pub fn again(case: &Case<'_>) -> String {
    if case.script {
        return "bash reproduce.sh failing 2>&1".to_owned();
    }
    let address = address(case).unwrap_or_else(|| "\"$URL\"".to_owned());
    let method = case.value("method").filter(|m| *m != "GET" && m.bytes().all(|b| b.is_ascii_uppercase()));
    let method = method.map_or(String::new(), |method| format!("-X {method} "));
    format!("curl -sv {method}{address} 2>&1")
}

/// The call again, kept in a file.
pub fn kept(case: &Case<'_>) -> String {
    format!("{} | tee again.txt", again(case))
}

/// The call again with what its caller sends, where the evidence does not show it.
pub fn sent(case: &Case<'_>) -> String {
    let bodyless = matches!(case.value("method"), Some("GET" | "HEAD"));
    if case.script || bodyless {
        return kept(case);
    }
    let again = again(case);
    let again = again.strip_suffix(" 2>&1").unwrap_or(&again);
    format!("{again} -H \"Content-Type: $TYPE\" --data-binary @body 2>&1 | tee again.txt")
}

/// The call again, and only some fields of its answer.
pub fn fields(case: &Case<'_>, pattern: &str) -> String {
    format!("{} | grep -iE '^< {pattern}'", again(case))
}

/// The phases of the call, by curl's own clock.
pub fn phases(case: &Case<'_>) -> String {
    let address = address(case).unwrap_or_else(|| "\"$URL\"".to_owned());
    format!(
        "curl -sS -o /dev/null -w 'dns %{{time_namelookup}} connect %{{time_connect}} tls %{{time_appconnect}} first byte \
         %{{time_starttransfer}} total %{{time_total}} status %{{http_code}}\\n' {address}"
    )
}

/// What a token says of itself, offline.
pub fn token_claim(claim: &str) -> String {
    format!(
        "printf %s \"$TOKEN\" | jq -R 'split(\".\") | .[1] | gsub(\"-\";\"+\") | gsub(\"_\";\"/\") | @base64d | fromjson | {claim}'"
    )
}

/// Both clocks at once.
pub fn clocks(case: &Case<'_>) -> String {
    match address(case) {
        Some(address) => format!("date -u; curl -sSI {address} | grep -i '^date:'"),
        None => "date -u; curl -sSI \"$URL\" | grep -i '^date:'".to_owned(),
    }
}

/// What has to be told by a person: the same pack again with more facts.
pub fn tell(case: &Case<'_>, flags: &str) -> String {
    match case.remake {
        Some(remake) => format!("{remake} {flags} -o PACK.zip"),
        None => format!("firstfault pack {} {flags} -o PACK.zip", input(case)),
    }
}

/// A call that works beside the one that fails: what differs is then seen.
pub fn contrast(case: &Case<'_>) -> String {
    match case.remake {
        Some(remake) => format!("firstfault case add {} WORKING.txt", remake.rsplit(' ').next().unwrap_or_default()),
        None => format!("cat WORKING.txt {} | firstfault pack -o PACK.zip", input(case)),
    }
}

/// The input as a word of the shell.
fn input(case: &Case<'_>) -> String {
    let plain = case.input.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    if case.input == "argument" || case.input.is_empty() {
        return "EVIDENCE.txt".to_owned();
    }
    let word = if plain { Some(case.input.to_owned()) } else { shell(case.input) };
    word.unwrap_or_else(|| "EVIDENCE.txt".to_owned())
}

/// The call's own lines in the log of the gateway that is seen, else in a log to be named.
pub fn gateway_log(case: &Case<'_>) -> String {
    let what = case
        .diagnosis
        .ids
        .iter()
        .map(|(_, value)| value.as_str())
        .chain(case.value("path"))
        .find_map(|text| Some(text).filter(|t| t.len() > 1 && !t.contains('‹')).and_then(shell))
        .unwrap_or_else(|| "\"$REQUEST_ID\"".to_owned());
    let gateways: Vec<&str> = case.observations.every("gateway").map(|f| f.value.as_str()).collect();
    let at = |names: &[&str]| gateways.iter().any(|gateway| names.contains(gateway));
    if at(&["nginx", "openresty", "tengine"]) {
        format!("grep -hF {what} /var/log/nginx/error.log /var/log/nginx/access.log")
    } else if at(&["ingress-nginx"]) {
        format!("kubectl logs -n ingress-nginx -l app.kubernetes.io/name=ingress-nginx --since=1h | grep -F {what}")
    } else if at(&["istio"]) {
        format!("kubectl logs -l app=\"$APP\" -c istio-proxy --since=1h | grep -F {what}")
    } else if at(&["linkerd"]) {
        format!("kubectl logs -l app=\"$APP\" -c linkerd-proxy --since=1h | grep -F {what}")
    } else if at(&["envoy"]) {
        format!("kubectl logs -l app=\"$ENVOY\" --since=1h | grep -F {what}")
    } else if at(&["haproxy"]) {
        format!("grep -F {what} /var/log/haproxy.log")
    } else if at(&["apache"]) {
        format!("grep -hF {what} /var/log/apache2/error.log /var/log/apache2/access.log")
    } else if at(&["apigw", "aws-api-gateway"]) {
        format!("aws logs filter-log-events --log-group-name \"$LOG_GROUP\" --filter-pattern {what}")
    } else if at(&["alb", "aws-elb", "aws-alb", "cloudfront"]) {
        format!("aws s3 cp --recursive \"$LOG_BUCKET\" - | gunzip | grep -F {what}")
    } else if at(&["heroku", "heroku-router"]) {
        format!("heroku logs --app \"$APP\" --num 1500 | grep -F {what}")
    } else if at(&["google-frontend", "google-load-balancer"]) {
        format!("gcloud logging read --limit 20 --freshness 1d {what}")
    } else if at(&["kong"]) {
        format!("kubectl logs -l app.kubernetes.io/name=kong -c proxy --since=1h | grep -F {what}")
    } else if at(&["traefik"]) {
        format!("kubectl logs -l app.kubernetes.io/name=traefik --since=1h | grep -F {what}")
    } else {
        format!("grep -F {what} \"$GATEWAY_LOG\"")
    }
}

/// Refusals by minute in a log of the caller or the gateway.
pub fn by_minute(status: Option<u16>) -> String {
    format!(
        "grep -F ' {} ' \"$ACCESS_LOG\" | grep -oE '[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}' | cut -c1-5 | sort | uniq -c",
        status.unwrap_or(429)
    )
}

/// What was released, where the platform is seen.
pub fn releases(case: &Case<'_>) -> String {
    let on = |words: &[&str]| {
        ["gateway", "dialect", "runtime", "backend"]
            .iter()
            .flat_map(|key| case.observations.every(key))
            .any(|fact| words.contains(&fact.value.as_str()))
    };
    if on(&["heroku", "heroku-router"]) {
        "heroku releases --app \"$APP\" --num 5".to_owned()
    } else if case.observations.has("k8s.reason")
        || case.observations.has("k8s.service")
        || on(&["istio", "ingress-nginx", "linkerd", "k8s"])
    {
        "kubectl rollout history deployment/\"$APP\" | tail -5".to_owned()
    } else if on(&["lambda", "aws-lambda", "apigw"]) {
        "aws lambda list-versions-by-function --function-name \"$FUNCTION\" --query 'Versions[-3:].[Version,LastModified]'".to_owned()
    } else {
        tell(case, "--set release=…")
    }
}

/// The address of the call as a word of the shell.
fn address(case: &Case<'_>) -> Option<String> {
    case.url().filter(|url| !url.contains('‹')).and_then(|url| shell(&url))
}
