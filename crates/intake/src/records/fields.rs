//! What the fields of structured log records are called, and what they mean: one table of names.
//!
//! Adding the name that a logging library gives to something means adding a word here. This file
//! refuses to know how records are written; JSON and logfmt look their names up alike.
//!
//! Names are compared in the form of [`normal`]: lower case, without `_`, `-` and spaces, members of
//! nested objects joined by dots, so that `http.response.status_code`, `{"http":{"response":
//! {"statusCode":…}}}` and `HTTP.Response.Status-Code` are one name.

use firstfault_model::Vantage;
use std::sync::OnceLock;

/// What a field means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Method,
    Url,
    Path,
    Query,
    Scheme,
    Host,
    /// A host of a URL when it looks like one, otherwise the machine that wrote the record.
    HostOrMachine,
    Port,
    /// `GET /path HTTP/1.1`.
    RequestLine,
    Status,
    Reason,
    Duration(Unit),
    /// When the call began.
    Start,
    End,
    /// When the record was written.
    Time,
    Level,
    Logger,
    Words,
    /// The words before their values were filled in: only used where [`Field::Words`] is absent.
    Template,
    /// A response body, or where nothing speaks of a response, the record's words (OpenTelemetry).
    WordsOrBody,
    RequestBody,
    /// What went wrong in words, also kept as a mark of this name.
    Said(&'static str),
    /// The words after the field's own name: `action BLOCK`.
    Labelled(&'static str),
    Type,
    Code,
    Stack,
    /// Which attempt this was, counted from 1 after adding the number.
    Attempt(u32),
    /// A header field of the request (`true`) or the response.
    Header(bool, &'static str),
    /// Marks of these names.
    Mark(&'static [&'static str]),
    /// Known, and of no use here.
    Skip,
}

/// The unit of a duration, by its field's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Ns,
    Us,
    Ms,
    S,
    /// By the value's own unit; a bare number is milliseconds, unless only nanoseconds make sense.
    Told,
}

use Field::{
    Attempt, Code, Duration, End, Header, Host, HostOrMachine, Labelled, Level, Logger, Mark, Method, Path, Port,
    Query, Reason, RequestBody, RequestLine, Said, Scheme, Skip, Stack, Start, Status, Template, Time, Type, Url,
    Words, WordsOrBody,
};

/// Meaning, and the names that have it. Sources: Elastic Common Schema, OpenTelemetry semantic
/// conventions (both generations), Google Cloud LogEntry and HttpRequest, Datadog standard
/// attributes, pino, bunyan, winston, Serilog, logstash-logback-encoder, zap, zerolog, slog, lograge,
/// nginx variables, Envoy access log operators, Traefik, Caddy and Kong access logs, Azure Monitor,
/// API Gateway `$context`, Cloudflare Logpush, Vercel log drains.
const NAMES: &[(Field, &str)] = &[
    (
        Method,
        "method httpmethod requestmethod verb http.method http.request.method request.method \
         httprequest.requestmethod httprequest.httpmethod clientrequestmethod proxy.method httprequestmethod \
         reqmethod config.method error.config.method request.httpmethod @requestmethod",
    ),
    (
        Url,
        "url http.url url.full url.original http.request.url httprequest.requesturl requesturl request.url \
         fullurl clientrequesturl config.url error.config.url error.url targeturl endpoint href request.href \
         absoluteuri uri.full endpointurl callbackurl",
    ),
    (
        Path,
        "path uri requesturi requestpath http.target url.path request.path request.uri target http.path \
         httprequest.uri clientrequesturi clientrequestpath proxy.path xenvoyoriginalpath urlpath \
         request.pathname http.request.uri http.request.path rawpath originalpath httppath requesttarget pathinfo \
         error.path uristem csuristem",
    ),
    (
        Query,
        "query querystring request.querystring url.query http.query httprequest.args args clientrequestquery \
         httpquery request.query",
    ),
    (Scheme, "scheme url.scheme http.scheme request.scheme requestscheme proxy.scheme protocolscheme"),
    (
        Host,
        "httphost http.host url.domain server.address net.peer.name authority :authority requesthost \
         clientrequesthost request.host net.host.name proxy.host servername http.servername domainname \
         peer.hostname http.request.host out.host hostheader requestauthority",
    ),
    (HostOrMachine, "host"),
    (Port, "url.port server.port net.peer.port requestport"),
    (RequestLine, "request requestline"),
    (
        Status,
        "status statuscode httpstatus httpstatuscode responsecode responsestatus responsestatuscode \
         http.statuscode http.response.statuscode http.status response.status response.statuscode \
         httprequest.status downstreamstatus edgeresponsestatus proxy.statuscode error.status error.statuscode \
         error.response.status error.response.statuscode respstatus respstatuscode resultcode \
         http.response.status backendresponse.status responsecodesent httpresponsecode httpcode http.code \
         error.httpstatus httpresponsestatus httpresponsestatuscode error.response.httpstatuscode \
         statuscodereturned error.httpstatuscode scstatus event.statuscode edge.status",
    ),
    (
        Reason,
        "statustext reasonphrase http.statustext response.statustext response.statusmessage statusmessage \
         http.statusmessage",
    ),
    (
        Duration(Unit::Ms),
        "durationms latencyms elapsedms responsetime responsetimems tookms took elapsed elapsedmilliseconds \
         latencies.request durationmillis durationmsec timems elapsedtime totaltimems requestdurationms \
         totalduration duration.ms responselatency wallclocktimems httpresponsetime runtime timetakenms execms \
         totaltime edgetimetofirstbytems http.durationms durationinms metrics.durationms \
         record.metrics.durationms responsetimemillis processingtime",
    ),
    (
        Duration(Unit::S),
        "durations requesttime requesttimes durationsec durationseconds http.server.request.duration \
         http.client.request.duration http.server.duration.s timetaken elapseds executionduration latencyseconds \
         elapsedseconds timeelapsed durationinseconds requestduration",
    ),
    (
        Duration(Unit::Us),
        "durationus latencyus requestmicros durationmicros durationusec elapsedus timeelapsedus \
         durationmicroseconds elapsedmicros",
    ),
    (
        Duration(Unit::Ns),
        "event.duration durationns latencyns elapsedns durationnano durationnanoseconds durationnanos",
    ),
    (
        Duration(Unit::Told),
        "duration latency httprequest.latency latencyhuman http.duration timing elapsedpretty \
         http.server.duration http.client.duration",
    ),
    (
        Start,
        "starttime startutc startlocal edgestarttimestamp starttimeunixnano requestreceivedat requeststart \
         startedat starttimestamp request.startedat",
    ),
    (End, "endtimeunixnano endtime"),
    (
        Time,
        "time ts timestamp @timestamp @t date datetime eventtime requesttimeepoch timeiso8601 timelocal logtime \
         asctime deliveredat createdat timeunixnano observedtimeunixnano timemillis utctimestamp logtimestamp \
         lasttimestamp eventtimestamp time.iso8601 instant.epochsecond timestampms datetimeutc when sentat \
         attemptedat t logdate event.created timereceived receivetimestamp",
    ),
    (
        Level,
        "level lvl severity severitytext severitynumber @l loglevel log.level levelname priority levelvalue \
         logseverity syslog.severity levelstr log.severity",
    ),
    (
        Logger,
        "logger loggername log.logger sourcecontext name category categoryname channel loggername.name scope.name \
         classname log.origin.class logger.name",
    ),
    (
        Words,
        "message msg @m shortmessage text textpayload note fullmessage renderedmessage log.message @message \
         eventmessage",
    ),
    (Template, "@mt messagetemplate event"),
    (
        WordsOrBody,
        "body response.body responsebody body.text response.data error.response.data error.response.body \
         error.body respbody responsedata http.response.body http.response.body.content resbody responsetext \
         response.text error.responsebody error.response.text upstreambody rawbody responsecontent \
         response.content result data.response",
    ),
    (
        RequestBody,
        "request.body requestbody http.request.body http.request.body.content reqbody requestdata request.data \
         requestpayload payloadsent",
    ),
    (
        Said("error.message"),
        "error errormessage error.message errordescription error.description errormsg exceptionmessage error.msg \
         errordetail error.detail error.reason fault faultstring error.cause cause rootcause errorreason \
         error.error error.errormessage error.cause.message lasterror.message lasterror.reason \
         error.errordescription error.rootcause error.cause.reason errorcause",
    ),
    (
        Type,
        "errortype error.type error.class errorclass exceptiontype exceptionclass error.name errorname error.kind \
         error.exceptiontype errorkind error.classname exceptionname excname error.exceptionclass",
    ),
    (
        Code,
        "errorcode error.code error.errno errcode error.errorcode upstreamhttpxerrorcode error.id faultcode \
         error.statusreason errcodes errorcodes error.awserrorcode",
    ),
    (
        Stack,
        "stack stacktrace error.stack error.stacktrace @x excinfo exctext traceback error.trace backtrace \
         error.backtrace errorverbose errorstack error.excinfo errorstacktrace errtrace trace error.traceback \
         throwable thrown.extendedstacktrace exceptionstacktrace exceptiondetail error.verbose",
    ),
    (
        Attempt(0),
        "attempt attemptnumber xenvoyattemptcount attemptcount attemptno requestattemptcount currentattempt tries \
         trynumber deliveryattempt",
    ),
    (
        Attempt(1),
        "retry retrycount retries retryattempts http.request.resendcount http.resendcount retryattempt numretries \
         retrynumber numberofretries",
    ),
    (
        Header(true, "User-Agent"),
        "useragent httpuseragent useragent.original http.useragent httprequest.useragent request.useragent \
         clientrequestuseragent proxy.useragent browser.useragent http.request.useragent requestuseragent",
    ),
    (Header(true, "X-Forwarded-For"), "xforwardedfor httpxforwardedfor"),
    (Header(true, "Content-Type"), "requestcontenttype http.request.mimetype"),
    (
        Header(false, "Content-Type"),
        "responsecontenttype http.response.mimetype edgeresponsecontenttype http.response.contenttype",
    ),
    (Header(false, "Retry-After"), "retryafter httpretryafter response.retryafter retryafterseconds"),
    (
        Mark(&["request.id"]),
        "requestid reqid xrequestid request.id httprequestid awsrequestid http.request.id xamznrequestid \
         xamzrequestid rayid rid trackingreference actionid lambdarequestid request.requestid dd.requestid \
         request.reqid extendedrequestid serverrequestid",
    ),
    (
        Mark(&["trace.id"]),
        "traceid trace.id dd.traceid otel.traceid logging.googleapis.com/trace xb3traceid @tr xraytraceid \
         amzntraceid traceparent xamzntraceid b3traceid",
    ),
    (Mark(&["span.id"]), "spanid span.id dd.spanid xb3spanid @sp logging.googleapis.com/spanid"),
    (
        Mark(&["correlation.id"]),
        "correlationid xcorrelationid correlation.id operationid transactionid transaction.id conversationid \
         session.correlationid",
    ),
    (
        Mark(&["service"]),
        "service service.name servicename app application applicationname appname component dd.service \
         kubernetes.labels.app microservice serviceid application.name resource.labels.backendservicename system",
    ),
    (
        Mark(&["client.address"]),
        "clientip remoteaddr remoteip ip client.address client.ip httprequest.remoteip clientaddr clientaddress \
         request.remoteaddr request.remoteaddress request.ip request.remoteip net.peer.ip clienthost sourceip \
         sourceipaddress httprequest.clientip http.clientip remoteaddress downstreamremoteaddress proxy.clientip \
         source.ip client http.request.remoteaddr request.clientip remotehost requestmetadata.callerip \
         request.remote callerip remote network.client.ip xrealip",
    ),
    (Mark(&["user"]), "user userid user.id user.name username principal enduser.id usr.id remoteuser clientusername"),
    (
        Mark(&["tenant"]),
        "tenant tenantid tenant.id xtenant httpxtenant xtenantid tenantname org orgid organization organizationid \
         customerid customer accountid account workspace workspaceid realm team teamid merchantid",
    ),
    (Mark(&["role"]), "role roles user.roles user.role userrole xrole httpxrole"),
    (Mark(&["api_key"]), "apikey apikeyid apikey.id xapikeyid httpxapikeyid keyid consumer consumer.username clientid"),
    (
        Mark(&["region"]),
        "region cloud.region awsregion datacenter edgecolocode availabilityzone \
         cloud.availabilityzone",
    ),
    (Mark(&["client_version"]), "clientversion sdkversion appversion xclientversion client.version"),
    (
        Mark(&["release"]),
        "release version service.version xrelease build buildid deployment releaseid dd.version gitsha commit \
         imagetag httpxrelease",
    ),
    (
        Mark(&["route"]),
        "route http.route routename routepattern routetemplate resourcepath routekey resource.path request.route \
         endpointname handler operationname rpc.method methodname actionname requestpathtemplate",
    ),
    (
        Mark(&["host"]),
        "hostname host.name host.hostname pod podname kubernetes.podname instance instanceid machinename node \
         nodename serverhost k8s.pod.name machine server container containername",
    ),
    (
        Mark(&["upstream"]),
        "upstream upstreamcluster peer.service dependency backend backendname backendservice upstreamname \
         upstreamservice proxyupstreamname destinationservice downstream downstreamservice",
    ),
    (
        Mark(&["upstream.addr"]),
        "upstreamaddr upstreamhost serviceaddr serviceurl serverrouted originip originresponseip \
         httprequest.serverip upstreamaddress backendaddress backendserver upstreampeer originurl backendurl \
         servicehost serveraddr",
    ),
    (
        Mark(&["upstream.status"]),
        "upstreamstatus serverstatus originresponsestatus backendresponsecode backendstatus backendstatuscode \
         upstreamstatuscode originhttpstatus originstatuscode upstream.status upstreamresponsecode \
         serviceresponsestatus",
    ),
    (Mark(&["traefik.origin_status", "upstream.status"]), "originstatus"),
    (Mark(&["upstream.connect_time"]), "upstreamconnecttime originconnecttime upstreamconnectduration"),
    (Mark(&["upstream.header_time"]), "upstreamheadertime"),
    (
        Mark(&["upstream.response_time"]),
        "upstreamresponsetime upstreamservicetime serverresponselatency backendtime originresponsetime \
         originresponsedurationms backendlatency latencies.proxy integrationlatency responselatencyms \
         upstreamlatency originresponseheaderreceivedurationms",
    ),
    (Mark(&["kong.latency"]), "latencies.kong latencies.gateway"),
    (Mark(&["envoy.flag"]), "responseflags"),
    (Mark(&["envoy.details"]), "responsecodedetails"),
    (Said("envoy.transport_failure"), "upstreamtransportfailurereason"),
    (Mark(&["upstream.local_addr"]), "upstreamlocaladdress"),
    (Said("gcp.status_details"), "statusdetails"),
    (Said("azure.error_info"), "errorinfo"),
    (Mark(&["apigw.error_type"]), "errorresponsetype error.responsetype responsetype"),
    (
        Said("apigw.error_message"),
        "integrationerrormessage integrationerror integration.error error.messagestring authorizererror \
         authorizer.error wafresponsecode.error",
    ),
    (Mark(&["apigw.integration_status"]), "integrationstatus integration.status integration.integrationstatus"),
    (Mark(&["cloudfront.result_type"]), "xedgeresulttype"),
    (Mark(&["cloudfront.detailed_result_type"]), "xedgedetailedresulttype"),
    (Mark(&["apigee.fault_code"]), "apigeefaultcode fault.detail.errorcode messageproxyfaultname xapigeefaultcode"),
    (
        Mark(&["grpc.status"]),
        "grpcstatus grpc.code rpc.grpc.statuscode grpccode grpcstatuscode grpcresponsestatus grpc.status \
         rpc.response.statuscode",
    ),
    (Mark(&["webhook.event"]), "webhookevent webhooktopic"),
    (Mark(&["webhook.delivery"]), "webhookid webhookdelivery webhookdeliveryid"),
    (Mark(&["cache_status"]), "cachecachestatus cachestatus upstreamcachestatus fastlyiscachehit"),
    (Mark(&["tls.verify"]), "sslclientverify"),
    (Mark(&["span.kind"]), "span.kind spankind"),
    (
        Skip,
        "retryable v pid tid thread threadname process.pid process.thread.name instrumentationscope @version \
         @type @i file line caller lineno filename funcname source module pathname stackid hook flags schemaurl \
         logname insertid referer httpreferer bytes bytessent bodybytessent size ext host.ip agent.version \
         ecs.version event.dataset log.level.value action description.format",
    ),
];

/// A kind of record with names of its own, told by a field that only it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub name: &'static str,
    pub vantage: Vantage,
    /// The gateway that writes it, as the fact `gateway` names it.
    pub gateway: Option<&'static str>,
}

const fn gateway(name: &'static str) -> Dialect {
    Dialect { name, vantage: Vantage::Gateway, gateway: Some(name) }
}

const fn service(name: &'static str, vantage: Vantage) -> Dialect {
    Dialect { name, vantage, gateway: None }
}

/// Dialects, and the fields of which one alone tells them. The first that is found counts.
const DIALECTS: &[(Dialect, &str)] = &[
    (gateway("traefik"), "downstreamstatus originstatus requestcount"),
    (gateway("envoy"), "responseflags responsecodedetails upstreamtransportfailurereason"),
    (gateway("cloudflare"), "edgeresponsestatus originresponsestatus clientrequesturi clientrequestpath"),
    (gateway("aws-waf"), "webaclid terminatingruleid"),
    (
        gateway("aws-api-gateway"),
        "integrationerrormessage integrationstatus integration.status resourcepath routekey apiid errorresponsetype \
         error.responsetype integrationlatency",
    ),
    (gateway("kong"), "latencies.kong latencies.gateway latencies.proxy latencies.request"),
    (gateway("caddy"), "respheaders errid errtrace"),
    (gateway("nginx"), "timeiso8601 upstreamresponsetime bodybytessent upstreamhttpxerrorcode httpuseragent"),
    (gateway("fastly"), "fastlyisedge fastlyserver"),
    (gateway("vercel"), "proxy.statuscode deploymentid"),
    (
        gateway("google-cloud"),
        "jsonpayload.statusdetails jsonpayload.backendtargetprojectnumber resource.labels.forwardingrulename \
         resource.labels.backendservicename",
    ),
    (service("gcp-request", Vantage::Server), "httprequest.requesturl httprequest.status"),
    (gateway("azure"), "properties.httpstatus properties.httpstatuscode properties.errorinfo properties.serverstatus"),
    (gateway("azure-apim"), "properties.backendresponsecode properties.lasterror.reason properties.responsecode"),
    (
        service("gcp-audit", Vantage::Server),
        "protopayload.methodname protopayload.servicename protopayload.status.code",
    ),
    (service("cloudtrail", Vantage::Server), "eventcategory managementevent useridentity.arn useridentity.type"),
    (service("k8s-event", Vantage::Server), "involvedobject.kind regarding.kind"),
    (service("webhook", Vantage::Client), "deliveredat executionduration msgattemptid webhookid webhookdelivery"),
    (service("span", Vantage::Server), "starttimeunixnano spankind span.kind instrumentationscope"),
    (service("serilog", Vantage::Server), "@mt messagetemplate"),
    (service("container", Vantage::Server), "stream"),
    (service("logstash", Vantage::Server), "@timestamp @version"),
];

/// Names that mean something else in one dialect.
const OVERRIDES: &[(&str, Field, &str)] = &[
    ("traefik", Duration(Unit::Ns), "duration originduration overhead"),
    ("caddy", Duration(Unit::S), "duration latency"),
    ("aws-api-gateway", Time, "requesttime"),
    ("aws-api-gateway", Duration(Unit::Ms), "responselatency"),
    ("aws-api-gateway", Said("apigw.error_message"), "errormessage error.message error"),
    ("aws-waf", Labelled("waf.action"), "action"),
    ("aws-waf", Labelled("waf.rule"), "terminatingruleid"),
    ("k8s-event", Mark(&["k8s.reason"]), "reason"),
    ("k8s-event", Level, "type"),
    ("k8s-event", Attempt(0), "count"),
    ("gcp-audit", Mark(&["grpc.status"]), "status.code"),
    ("gcp-audit", Words, "status.message"),
    ("gcp-audit", Skip, "status name"),
    ("cloudtrail", Mark(&["route"]), "eventname"),
    ("cloudtrail", Host, "eventsource"),
    ("webhook", Mark(&["webhook.event"]), "event eventtype trigger topic"),
    ("webhook", Mark(&["webhook.delivery"]), "id guid deliveryid messageid msgid eventid"),
    ("webhook", Mark(&["webhook.attempt"]), "attempt attempts attemptnumber retrycount"),
    ("webhook", Duration(Unit::S), "duration"),
    ("webhook", Skip, "action"),
    ("span", Mark(&["span.kind"]), "kind"),
    ("span", Mark(&["route"]), "name"),
    ("span", Words, "status.message"),
    ("span", Skip, "status status.code events"),
    ("azure-apim", Said("azure.error_info"), "lasterror.message lasterror.reason"),
    ("container", Words, "log"),
];

/// First segments that only wrap a record's own fields.
const ENVELOPES: &[&str] = &[
    "attributes",
    "jsonpayload",
    "protopayload",
    "properties",
    "fields",
    "@fields",
    "resource",
    "data",
    "context",
    "extra",
    "json",
    "payload",
    "record",
    "log",
    "labels",
    "mdc",
    "contextmap",
    "ctx",
    "meta",
    "metadata",
    "tags",
    "http",
    "event",
    "details",
    "info",
    "params",
    "parameters",
    "structured",
    "custom",
    "renderings",
    "state",
    "scope",
    "span",
    "resourceattributes",
    "otel",
    "@metadata",
    "accesslog",
    "access",
    "object",
    "contextdata",
    "additionalinfo",
];

/// Objects whose members are header fields: of the request (`true`) or the response.
const HEADER_OBJECTS: &[(bool, &str)] = &[
    (
        true,
        "request.headers request.header requestheaders http.request.header http.request.headers httprequest.headers headers",
    ),
    (
        false,
        "response.headers response.header responseheaders respheaders http.response.header http.response.headers \
         error.response.headers",
    ),
];

/// Last segments that speak of errors: what stands there is kept as words even where it is not known.
const SPEAKING: &[&str] = &[
    "error",
    "errors",
    "err",
    "message",
    "messages",
    "msg",
    "reason",
    "detail",
    "details",
    "description",
    "cause",
    "causes",
    "exception",
    "fault",
    "statustext",
    "response",
    "body",
    "resp",
    "res",
    "result",
    "failure",
    "failures",
    "warning",
    "warnings",
    "problem",
    "problems",
    "hint",
    "stderr",
    "output",
];

/// The form in which names are compared.
pub(crate) fn normal(name: &str, into: &mut String) {
    into.extend(name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).map(|c| c.to_ascii_lowercase()));
}

/// The name with its usual abbreviations written out: `err.code` is `error.code`, `req.url` is
/// `request.url`.
fn spelled_out(path: &str) -> Option<String> {
    let (head, rest) = path.split_once('.').unwrap_or((path, ""));
    let whole = match head {
        "err" | "exception" | "exc" | "errordetails" | "lasterror" | "e" | "ex" | "thrown" => "error",
        "req" => "request",
        "res" | "resp" => "response",
        _ => return None,
    };
    // `res` and `ex` alone are objects or words of their own.
    if rest.is_empty() {
        return matches!(head, "err" | "exception" | "exc").then(|| whole.to_owned());
    }
    Some(format!("{whole}.{rest}"))
}

/// What a name in the form of [`normal`] means in a dialect.
pub(crate) fn meaning(path: &str, dialect: Option<Dialect>) -> Option<Field> {
    // Longer names are not in the table; envelopes are a few segments at most.
    if path.len() > 96 {
        return None;
    }
    let mut path = path;
    loop {
        if let Some(found) = exact(path, dialect) {
            return Some(found);
        }
        let (head, rest) = path.split_once('.')?;
        if !ENVELOPES.contains(&head) {
            return None;
        }
        path = rest;
    }
}

fn exact(path: &str, dialect: Option<Dialect>) -> Option<Field> {
    let tables = tables();
    if let Some(dialect) = dialect
        && let Some(field) = find(&tables.overrides, &(dialect.name, path))
    {
        return Some(field);
    }
    find(&tables.names, path).or_else(|| find(&tables.names, spelled_out(path)?.as_str()))
}

/// The tables above by name, in order, so that a name is found in a few comparisons.
struct Tables {
    names: Vec<(&'static str, Field)>,
    overrides: Vec<((&'static str, &'static str), Field)>,
    dialects: Vec<(&'static str, usize)>,
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let words = str::split_ascii_whitespace;
        let mut names: Vec<_> =
            NAMES.iter().flat_map(|(field, names)| words(names).map(|name| (name, *field))).collect();
        let mut overrides: Vec<_> = OVERRIDES
            .iter()
            .flat_map(|(dialect, field, names)| words(names).map(|name| ((*dialect, name), *field)))
            .collect();
        let mut dialects: Vec<_> = DIALECTS
            .iter()
            .enumerate()
            .flat_map(|(place, (_, names))| words(names).map(move |name| (name, place)))
            .collect();
        names.sort_unstable_by_key(|(name, _)| *name);
        overrides.sort_unstable_by_key(|(name, _)| *name);
        // Stable, so that of a name in two dialects the first is found.
        dialects.sort_by_key(|(name, _)| *name);
        dialects.dedup_by_key(|(name, _)| *name);
        Tables { names, overrides, dialects }
    })
}

fn find<K: Ord + ?Sized, N: std::borrow::Borrow<K>, V: Copy>(table: &[(N, V)], name: &K) -> Option<V> {
    table.binary_search_by(|(known, _)| known.borrow().cmp(name)).ok().map(|at| table[at].1)
}

/// The place in [`DIALECTS`] of the dialect that a field alone tells: the smaller, the surer.
pub(crate) fn dialect_told_by(path: &str) -> Option<usize> {
    find(&tables().dialects, path)
}

/// The dialect at a place.
pub(crate) fn dialect(place: usize) -> Option<Dialect> {
    DIALECTS.get(place).map(|(dialect, _)| *dialect)
}

/// Whether an object holds header fields, and of which side.
pub(crate) fn header_object(path: &str) -> Option<bool> {
    let named = |path: &str| {
        HEADER_OBJECTS
            .iter()
            .find(|(_, names)| names.split_ascii_whitespace().any(|name| name == path))
            .map(|(request, _)| *request)
    };
    named(path).or_else(|| named(&spelled_out(path)?)).or_else(|| {
        let (head, rest) = path.split_once('.')?;
        ENVELOPES.contains(&head).then(|| header_object(rest))?
    })
}

/// True when the last segment of a name speaks of errors.
pub(crate) fn speaks(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or(path);
    SPEAKING.contains(&last)
        || ["error", "exception", "reason", "failure", "message"].iter().any(|word| last.contains(word))
}

#[cfg(test)]
mod tests {
    use super::{NAMES, OVERRIDES, tables};

    #[test]
    fn names_are_in_normal_form_and_unique() {
        let names = NAMES.iter().map(|(_, names)| names).chain(OVERRIDES.iter().map(|(.., names)| names));
        for name in names.flat_map(|names| names.split_ascii_whitespace()) {
            let mut normal = String::new();
            super::normal(name, &mut normal);
            assert_eq!(normal, name);
        }
        for pair in tables().names.windows(2) {
            assert_ne!(pair[0].0, pair[1].0);
        }
    }
}
