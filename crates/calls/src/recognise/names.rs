//! The table of names. Sources: Elastic Common Schema 8, OpenTelemetry semantic conventions 1.x old and new, Google Cloud
//! `LogEntry.httpRequest`, Datadog standard attributes, the variables of nginx, Apache httpd and Envoy, the JSON logs of
//! Caddy, Traefik, Kong, AWS API Gateway, pino-http, winston, zap, logrus, zerolog, Serilog and lograge, and plain words.

use super::{Form, Meaning, Slot, slot};
use crate::Attribute as A;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Names of one meaning, words joined by `_`, the better ones first.
type Group = (Slot, Form, &'static str);

const fn a(attribute: A) -> Slot {
    slot::of(attribute)
}

/// What is no attribute although its last words are one.
const NOTHING: &str = "http_version protocol_version api_version tls_version ssl_version schema_version log_version ecs_version \
    @version os_version sdk_version agent_version host_os_version headers_server headers_date headers_version headers_status headers_via http_host request_host req_host headers_host authority start_line status_message_id message_id \
    telemetry_sdk_version telemetry_sdk_name process_name process_user thread_name logger_name log_logger node_version \
    file_path log_file_path user_agent_version user_agent_name user_agent_os_name device_name event_id event_code \
    event_type event_kind event_module source_location_file code_file_path request_size request_length response_size \
    process_command file_name function_name class_name host_ip host_os_name upstream_host_port db_user db_name \
    instrumentation_scope_version scope_version scope_name span_name span_kind";

const NAMES: &[Group] = &[
    // When. The beginning of the call is better than the moment of writing.
    (
        a(A::Time),
        Form::Plain,
        "start_time start_utc startutc @timestamp @t timestamp time_iso8601 ts time eventtime event_time \
        start_time_unix_nano time_unix_nano observed_time_unix_nano timestamp_ms time_ms epoch_ms timestamp_ns time_ns \
        request_time_epoch requesttimeepoch time_local msec datetime date_time date logged_at log_time logtime received_at \
        created_at started_at created event_created event_start asctime when at instant_epoch_second epoch unixtime unix_time request_timestamp",
    ),
    // Who wrote it.
    (
        a(A::Service),
        Form::Plain,
        "service_name service app application app_name application_name service_id program appname \
        component dd_service kubernetes_labels_app k8s_deployment_name container_name kubernetes_container_name api_name \
        api system",
    ),
    // The call.
    (
        a(A::Method),
        Form::Plain,
        "http_request_method http_method request_method httprequest_requestmethod method verb \
        httpmethod http_verb req_method cs_method",
    ),
    (
        a(A::Route),
        Form::Plain,
        "http_route route_template path_template url_template route_pattern path_pattern endpoint_template \
        http_target_template route request_route route_path resource_path resourcepath routekey route_key request_matched_route \
        controller_route http_endpoint matched_path request_mapping uri_template",
    ),
    (
        slot::PATH,
        Form::Plain,
        "url_path http_target http_path request_path http_url_details_path url_original url_full http_url \
        httprequest_requesturl request_uri request_url request_path_info path uri url target endpoint uri_path req_url req_path \
        x_original_path x_envoy_original_path :path original_path cs_uri_stem downstream_path path_info",
    ),
    (slot::RPC_SERVICE, Form::Plain, "rpc_service grpc_service"),
    (slot::RPC_METHOD, Form::Plain, "rpc_method grpc_method"),
    (slot::REQUEST_LINE, Form::Plain, "request request_line requestline http_request_line"),
    (
        a(A::Status),
        Form::Plain,
        "http_response_status_code http_status_code http_response_code httprequest_status response_code \
        response_status_code status_code statuscode downstream_status sc_status http_status response_status resp_status res_status \
        res_statuscode status answer_status return_code http_code code_status responsecode returncode sc",
    ),
    (
        slot::GRPC,
        Form::Plain,
        "rpc_grpc_status_code grpc_status_code grpc_status rpc_response_status_code grpc_code grpc_status_number",
    ),
    (slot::SUCCESS, Form::Plain, "success succeeded is_success successful ok outcome event_outcome result_ok"),
    // The error.
    (
        a(A::ErrorCode),
        Form::Plain,
        "error_code errorcode err_code error_type errortype err_type error_kind error_id exception_type \
        exception_class error_class upstream_http_x_error_code x_error_code error_reason error_status error_name err_name \
        fault_code faultcode failure_code failure_reason reason_code error_key exception_name errno error_responsetype \
        response_error_code x_amzn_errortype exception",
    ),
    (
        a(A::Message),
        Form::Plain,
        "error_message errormessage err_message error_msg errmsg err_msg error_description error_detail \
        error_details exception_message error_messagestring error_reason_phrase message msg @m body event_original @mt text \
        log_message short_message status_message statusmessage textpayload reason_phrase detail messagetemplate rendered_message \
        renderedmessage log",
    ),
    (
        slot::ERROR,
        Form::Plain,
        "error err errors fault failure exception_text error_text last_error cause problem @x exc \
         has_error is_error errored failed is_failed",
    ),
    // The system called in turn.
    (
        a(A::Upstream),
        Form::Plain,
        "peer_service upstream_cluster upstream_service upstream_name upstream backend_service backend_name \
        backend dependency downstream_service upstream_addr upstream_address upstream_host target_service remote_service \
        upstream_cluster_name proxy_upstream_name server_address net_peer_name origin_server target_name upstream_url \
        service_url serviceaddr service_addr serviceurl origin destination_service db_system db_system_name",
    ),
    (
        a(A::UpstreamStatus),
        Form::Plain,
        "upstream_status origin_status upstream_status_code upstream_code backend_status \
        backend_status_code integration_status integrationstatus origin_status_code target_status_code target_status \
        upstream_response_code upstream_response_status",
    ),
    (
        a(A::Mark),
        Form::Plain,
        "response_flags termination_state response_code_details upstream_transport_failure_reason \
        connection_termination_details result_type error_result_type x_edge_result_type failure_reason_mark",
    ),
    // Who called.
    (
        a(A::Tenant),
        Form::Plain,
        "tenant_id tenant tenant_name tenantid customer_tenant customer_id customer customerid org_id org \
        organization_id organization organisation organisation_id orgid account_id account accountid account_name workspace_id \
        workspace company_id company client_tenant merchant_id merchant team_id subscription_id realm",
    ),
    (
        a(A::Role),
        Form::Plain,
        "user_roles user_role role roles user_group group permission permission_group role_name \
        auth_role rolename scope",
    ),
    (
        a(A::User),
        Form::Plain,
        "user_id enduser_id user usr_id userid user_name username user_email enduser uid user_full_name login \
        principal principal_id subject sub remote_user actor usr account_user caller_user authuser httprequest_remoteuser user_hash",
    ),
    (
        a(A::ApiKey),
        Form::Plain,
        "api_key_id apikey_id api_key_name api_key apikey apikeyid key_id client_credential_id consumer \
        consumer_username consumer_id consumer_name access_key_id oauth_client_id oauth_client credential_id app_key_id \
        client_app_id application_id appid app_id",
    ),
    (
        a(A::ClientIp),
        Form::Plain,
        "client_address client_ip source_ip clientip network_client_ip http_client_ip remote_addr \
        remoteaddr remote_ip remoteip client_addr clientaddr source_address httprequest_remoteip sourceip clienthost client_host \
        forwarded_for x_forwarded_for http_x_forwarded_for downstream_remote_address downstream_remote_address_without_port \
        net_sock_peer_addr ip ip_address request_ip req_ip remote_address remoteaddress true_client_ip realip x_real_ip peer_address",
    ),
    (
        a(A::Client),
        Form::Plain,
        "client_name client_app client client_application caller_name caller_service source_service \
        source_app consumer_service device_type platform sdk_name client_type",
    ),
    (
        a(A::ClientVersion),
        Form::Agent,
        "user_agent_original user_agent http_user_agent http_useragent httprequest_useragent useragent \
        client_version app_version sdk client_build req_user_agent headers_user_agent agent clientversion",
    ),
    // Where.
    (
        a(A::Region),
        Form::Plain,
        "cloud_region region aws_region awsregion region_id region_name geo_region location dc datacenter \
        data_center site pop edge_location colo resource_labels_location gcp_region",
    ),
    (a(A::Zone), Form::Plain, "cloud_availability_zone availability_zone az zone cloud_zone zone_id rack"),
    (
        a(A::Host),
        Form::Plain,
        "host_name hostname host pod pod_name k8s_pod_name kubernetes_pod_name kubernetes_pod dyno container_id instance \
        instance_id host_id service_instance_id node node_name server server_name machine machine_name computer_name k8s_node_name \
        syslog_hostname container worker_id",
    ),
    (
        a(A::Release),
        Form::Plain,
        "service_version release release_version app_release version deployment_version build build_id \
        build_version image_tag git_sha commit commit_sha revision git_commit_sha dd_version serverversion server_version \
        revision_name deployment_id deploy_id release_id",
    ),
    (
        a(A::Flag),
        Form::Plain,
        "feature_flag feature_flag_key feature_flags flag flags_enabled experiment experiment_id variant \
        feature_flag_variant feature_flag_result_variant cohort ab_test bucket_name feature",
    ),
    // Ids.
    (
        a(A::RequestId),
        Form::Plain,
        "request_id http_request_id x_request_id requestid req_id reqid x_amzn_requestid \
        extendedrequestid correlation_id x_correlation_id correlationid transaction_id call_id cf_ray rid request_uuid \
        httprequest_requestid trace_request_id activity_id",
    ),
    (
        a(A::TraceId),
        Form::Plain,
        "trace_id traceid dd_trace_id x_b3_traceid trace otel_trace_id logging_googleapis_com_trace \
        x_amzn_trace_id xraytraceid @tr x_cloud_trace_context",
    ),
    (a(A::SpanId), Form::Plain, "span_id spanid dd_span_id x_b3_spanid @sp logging_googleapis_com_spanid"),
    (a(A::ParentId), Form::Plain, "parent_id parent_span_id parentspanid parentid x_b3_parentspanid"),
    (
        a(A::IdempotencyKey),
        Form::Plain,
        "idempotency_key idempotencykey x_idempotency_key http_idempotency_key idempotency_id \
        idempotent_key",
    ),
    (
        a(A::Attempt),
        Form::Plain,
        "attempt attempt_number attempt_count x_envoy_attempt_count request_attempt_count try try_number \
        attempts delivery_attempt http_request_attempt attempt_no attemptnumber",
    ),
    (
        a(A::Attempt),
        Form::Repeats,
        "http_request_resend_count http_resend_count resend_count retry_count retries retry \
        retry_attempt retrycount num_retries retry_attempts retry_number http_retry_count",
    ),
    // How long.
    (
        a(A::Latency),
        Form::Seconds,
        "http_server_request_duration http_client_request_duration request_time duration_s duration_sec \
        duration_seconds latency_s latency_seconds elapsed_s elapsed_seconds elapsed_sec request_duration_seconds time_taken_s \
        httprequest_latency response_time_s response_time_seconds durationseconds rt",
    ),
    (
        a(A::Latency),
        Form::Millis,
        "http_server_duration http_client_duration duration_ms latency_ms elapsed_ms response_time_ms \
        elapsedmilliseconds elapsed_milliseconds responsetime_ms time_taken_ms took_ms request_duration_ms total_time_ms \
        durationms latencyms responselatency latencies_request time_ms_total duration_millis latency_millis request_time_ms \
        timetakenms elapsedms processing_time_ms",
    ),
    (
        a(A::Latency),
        Form::Micros,
        "duration_us latency_us elapsed_us duration_micros request_time_us time_taken_us transaction_duration_us \
        durationus d_us response_time_us",
    ),
    (a(A::Latency), Form::Nanos, "event_duration duration_ns latency_ns elapsed_ns durationns duration_nanos"),
    (
        a(A::Latency),
        Form::Duration,
        "duration latency elapsed response_time responsetime time_taken timetaken took \
        request_duration elapsed_time total_time request_latency processing_time time_elapsed total_duration http_duration \
        execution_time total_time_taken total_latency",
    ),
    (a(A::UpstreamLatency), Form::Seconds, "upstream_response_time upstream_duration_s upstream_latency_s urt"),
    (
        a(A::UpstreamLatency),
        Form::Millis,
        "upstream_duration_ms upstream_latency_ms upstream_time_ms latencies_proxy \
        integrationlatency integration_latency x_envoy_upstream_service_time upstream_service_time backend_latency_ms \
        upstream_response_time_ms",
    ),
    (
        a(A::UpstreamLatency),
        Form::Duration,
        "origin_duration upstream_duration upstream_latency upstream_time backend_latency \
        target_processing_time backend_time backend_duration",
    ),
    // How it was written.
    (
        a(A::Level),
        Form::Plain,
        "log_level level lvl severity_text severity loglevel levelname @l log_severity severity_number \
        priority syslog_severity",
    ),
    (
        a(A::RetryAfter),
        Form::Plain,
        "retry_after http_retry_after retry_after_seconds sent_http_retry_after upstream_http_retry_after \
        response_headers_retry_after x_retry_after",
    ),
];

/// Words that only say where a field was kept.
const HOLDERS: &[&str] = &[
    "attributes",
    "attribute",
    "attrs",
    "attr",
    "resource",
    "resources",
    "labels",
    "label",
    "tags",
    "fields",
    "field",
    "data",
    "json",
    "jsonpayload",
    "payload",
    "context",
    "ctx",
    "extra",
    "mdc",
    "contextmap",
    "properties",
    "props",
    "log",
    "record",
    "event",
    "http",
    "httprequest",
    "request",
    "req",
    "response",
    "res",
    "resp",
    "call",
    "x",
    "header",
    "headers",
    "meta",
    "metadata",
    "custom",
    "dd",
    "otel",
    "span",
    "scope",
    "body",
    "message",
    "msg",
    "details",
    "info",
    "params",
    "upstream_http",
    "sent_http",
    "requestcontext",
    "identity",
    "access",
    "access_log",
    "kubernetes",
    "k8s",
    "docker",
    "ecs",
    "aws",
    "gcp",
    "azure",
    "cf",
    "envoy",
    "nginx",
    "caddy",
    "traefik",
    "kong",
    "trailer",
    "dynamic",
    "common",
    "network",
    "web",
    "api",
    "downstream",
    "current",
    "0",
];

static TABLE: LazyLock<HashMap<String, Option<Meaning>>> = LazyLock::new(|| {
    let mut table = HashMap::new();
    let mut rank = 0_u16;
    for (slot, form, names) in NAMES {
        for name in names.split_ascii_whitespace() {
            table.entry(squeezed(name)).or_insert(Some(Meaning { slot: *slot, form: *form, rank }));
            rank += 4;
        }
    }
    for name in NOTHING.split_ascii_whitespace() {
        table.insert(squeezed(name), None);
    }
    table
});

/// What the table says of a name.
pub(super) fn look_up(name: &str) -> Option<Meaning> {
    let words = words(name);
    if words.is_empty() || words.len() > 64 {
        return None;
    }
    let mut rest = words.as_str();
    let mut stripped = 0_u16;
    loop {
        if let Some(found) = TABLE.get(&squeezed(rest)) {
            return found.map(|m| Meaning { rank: m.rank + stripped.min(3), ..m });
        }
        let holder = HOLDERS
            .iter()
            .filter(|holder| rest.strip_prefix(**holder).is_some_and(|after| after.starts_with('_')))
            .max_by_key(|holder| holder.len())?;
        rest = &rest[holder.len() + 1..];
        stripped += 1;
    }
}

/// Words without what separates them: `request_time`, `requestTime` and `requesttime` are one name.
fn squeezed(words: &str) -> String {
    words.chars().filter(|c| *c != '_').collect()
}

/// A name as its words in lower case, joined by `_`.
fn words(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before = '_';
    let mut chars = name.trim_start_matches('$').chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_alphanumeric() || matches!(c, '@' | ':') {
            let hump = c.is_uppercase()
                && (before.is_lowercase()
                    || (before.is_uppercase() && chars.peek().is_some_and(|next| next.is_lowercase())));
            if hump && !out.ends_with('_') {
                out.push('_');
            }
            out.extend(c.to_lowercase());
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
        before = c;
    }
    out.truncate(out.trim_end_matches('_').len());
    out
}
