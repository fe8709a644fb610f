//! Programs that put themselves between a client and its server, by the name in the certificates that they make.
//!
//! Each entry is what the vendor documents as the name of its own signing CA (the CN or O that it comes with). A company
//! may give it another name; then a root that was added to the machine is the only sign.

/// Part of an issuer's name, lower case, and the product.
const PRODUCTS: &[(&str, &str)] = &[
    ("zscaler", "Zscaler"),
    ("netskope", "Netskope"),
    ("goskope", "Netskope"),
    ("fortinet", "Fortinet"),
    ("fortigate", "Fortinet FortiGate"),
    ("palo alto networks", "Palo Alto Networks"),
    ("cisco umbrella", "Cisco Umbrella"),
    ("cisco secure access", "Cisco Secure Access"),
    ("cisco web security appliance", "Cisco Web Security Appliance"),
    ("ironport", "Cisco Web Security Appliance"),
    ("blue coat", "Blue Coat ProxySG"),
    ("bluecoat", "Blue Coat ProxySG"),
    ("proxysg", "Blue Coat ProxySG"),
    ("symantec web security", "Symantec Web Security Service"),
    ("sophos", "Sophos"),
    ("kaspersky anti-virus personal root", "Kaspersky"),
    ("kaspersky web anti-virus", "Kaspersky"),
    ("ao kaspersky lab", "Kaspersky"),
    ("eset ssl filter", "ESET"),
    ("avast! web/mail shield", "Avast"),
    ("avast web/mail shield", "Avast"),
    ("avg web/mail shield", "AVG"),
    ("bitdefender", "Bitdefender"),
    ("dr.web", "Dr.Web"),
    ("adguard", "AdGuard"),
    ("mcafee web gateway", "McAfee Web Gateway"),
    ("skyhigh", "Skyhigh Web Gateway"),
    ("websense", "Forcepoint"),
    ("forcepoint", "Forcepoint"),
    ("trend micro interscan", "Trend Micro InterScan"),
    ("check point", "Check Point"),
    ("barracuda", "Barracuda"),
    ("sonicwall", "SonicWall"),
    ("watchguard", "WatchGuard"),
    ("iboss", "iboss"),
    ("menlo security", "Menlo Security"),
    ("cato networks", "Cato Networks"),
    ("cloudflare for teams", "Cloudflare Gateway"),
    ("gateway ca - cloudflare managed", "Cloudflare Gateway"),
    ("smoothwall", "Smoothwall"),
    ("lightspeed systems", "Lightspeed Systems"),
    ("securly", "Securly"),
    ("untangle", "Untangle"),
    ("contentkeeper", "ContentKeeper"),
    ("squid proxy", "Squid"),
    ("mitmproxy", "mitmproxy"),
    ("charles proxy", "Charles"),
    ("do_not_trust_fiddler", "Fiddler"),
    ("fiddler root", "Fiddler"),
    ("portswigger", "Burp Suite"),
    ("owasp zed attack proxy", "ZAP"),
    ("owasp root ca", "ZAP"),
    ("zap root ca", "ZAP"),
    ("proxyman", "Proxyman"),
    ("http toolkit", "HTTP Toolkit"),
    ("superfish", "Superfish"),
];

/// The product whose name an issuer carries.
pub(super) fn product(issuer: &str) -> Option<&'static str> {
    let issuer = issuer.to_lowercase();
    PRODUCTS.iter().find(|(part, _)| issuer.contains(part)).map(|(_, product)| *product)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_known_by_their_issuer() {
        assert_eq!(
            product("C=US, ST=California, L=San Jose, O=Zscaler Inc., OU=Zscaler Inc., CN=Zscaler Root CA"),
            Some("Zscaler")
        );
        assert_eq!(product("CN=mitmproxy, O=mitmproxy"), Some("mitmproxy"));
        assert_eq!(
            product("O=DO_NOT_TRUST, OU=Created by http://www.fiddler2.com, CN=DO_NOT_TRUST_FiddlerRoot"),
            Some("Fiddler")
        );
        assert_eq!(product("C=US, O=Let's Encrypt, CN=R10"), None);
        assert_eq!(product("C=US, O=Cloudflare, Inc., CN=Cloudflare Inc ECC CA-3"), None, "a public CA");
    }
}
