use firstfault_contract::*;use firstfault_model::contract::Half;
struct N;impl Source for N{fn fetch(&mut self,_:&str)->Result<String,String>{Err("no".into())}}
fn main(){
 let text=r##"{"openapi":"3.1.0","paths":{"/a":{"post":{"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/P%20y"}}}}}}},
 "components":{"schemas":{"P y":{"type":"object","required":["name","id"],"properties":{"id":{"type":"integer","readOnly":true},"name":{"type":"string"},"pay":{"oneOf":[{"$ref":"#/components/schemas/Card"},{"type":"object","required":["iban"],"properties":{"iban":{"type":"string"}},"unevaluatedProperties":false}]},"n":{"type":"integer","format":"int32"}},"additionalProperties":false,"dependentRequired":{"n":["zz"]},"if":{"required":["n"]},"then":{"required":["qq"]}},
 "Card":{"type":"object","required":["number"],"properties":{"number":{"type":"string"}}}}}}"##;
 let c=load(Given{uri:"file:///x/a.json",name:"a.json",text},&mut N).unwrap();
 let at=SchemaRef{document:0,pointer:"/paths/~1a/post/requestBody/content/application~1json/schema".into()};
 let _ = c.schemas.violations(&at,Half::Request,&serde_json::Value::Null); println!("{:?} {:?}",c.schemas.problems(),c.schemas.get(&at));
 for half in [Half::Request,Half::Response]{
 for e in c.schemas.violations(&at,half,&serde_json::from_str(r#"{"pay":{"nummer":5},"x":1,"n":99999999999}"#).unwrap()){ pr(&e,0); }}
}
fn pr(e:&jsonschema::ValidationError,d:usize){ println!("{:d$}{} | {} | {:?} | {} | {}","",e.kind().keyword(),e.instance_path(),e.absolute_keyword_location().map(|u|u.as_str().to_owned()),e.evaluation_path(),e,d=d*2);
 use jsonschema::error::ValidationErrorKind as K; if let K::AnyOf{context}|K::OneOfNotValid{context}|K::OneOfMultipleValid{context}=e.kind(){for (i,b) in context.iter().enumerate(){println!("{:d$} branch {i}","",d=d*2);for e in b{pr(e,d+1)}}}
}
