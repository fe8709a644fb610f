//! Where an API lives: URLs with variables, without a scheme, and of a path alone.

use super::read;

/// Scheme, host and base path of each server of a description that has this list of them.
fn servers(list: &str) -> Vec<(Option<String>, Option<String>, String)> {
    let contract = read(&format!("openapi: 3.1.0\ninfo: {{title: A, version: '1'}}\nservers: {list}\npaths: {{}}\n"));
    assert_eq!(contract.mistakes, []);
    contract.servers.into_iter().map(|s| (s.scheme, s.host, s.base)).collect()
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn a_variable_that_is_several_steps_of_the_path_is_written_out() {
    let one = servers("[{url: 'https://api.example.com{basePath}', variables: {basePath: {default: /sell/v1}}}]");
    assert_eq!(one, [(some("https"), some("api.example.com"), "/sell/v1".to_owned())]);
    let each = "[{url: 'https://{region}.example.com{base}', variables: {region: {default: eu}, base: {default: /v1, enum: [/v1, /v2]}}}]";
    assert_eq!(
        servers(each),
        ["/v1", "/v2"].map(|base| (some("https"), some("{region}.example.com"), base.to_owned()))
    );
}

#[test]
fn a_server_may_have_no_scheme_or_no_host() {
    assert_eq!(servers("[{url: //api.example.com/v1/}]"), [(None, some("api.example.com"), "/v1".to_owned())]);
    assert_eq!(servers("[{url: /v1}, {url: /}, {url: ./v2}]"), ["/v1", "", "/v2"].map(|b| (None, None, b.to_owned())));
}
