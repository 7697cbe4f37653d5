// bulla cert convert, bundle, check and what show says of keys and PKCS#12, as a user types it.
#include "cli/cert_fixture.h"

#include <boost/json/parse.hpp>

namespace bulla::cli {
namespace {

struct CertFormsTest : CertTest {
  /// A CA, and a certificate of it: www.pem (leaf), www-key.pem; passphrases in `pass` and `pass2`.
  CertFormsTest() {
    put("pass", "correct horse\n");
    put("pass2", "battery staple\n");
    make_ca();
    expect_done(cert(with_ca({"new", "www.example", "--out", path()})));
    must("mv www.example.pem www.pem; mv www.example-key.pem www-key.pem");
  }
  std::vector<std::string> to(const std::string& form, std::vector<std::string> more) const {
    more.insert(more.begin(), {"convert", "--to", form});
    return more;
  }
  std::string p(const std::string& name) const { return path(name); }
};

// ---- convert -------------------------------------------------------------------------------------------

TEST_F(CertFormsTest, ConvertGoesFromPemToDerAndBack) {
  must("openssl req -new -key www-key.pem -subj /CN=r -out r.csr");
  must(
      "touch index.txt; echo 01 > serial; printf "
      "'[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index.txt\\ndefault_md=sha256\\n"
      "default_crl_days=3\\n' > cnf; openssl ca -gencrl -config cnf -keyfile My_CA-key.pem -cert My_CA.pem "
      "-out c.crl");
  must("openssl pkey -in www-key.pem -pubout -out pub.pem");
  for (const auto& [file, show] : {std::pair("www.pem", "x509"), {"r.csr", "req"}, {"c.crl", "crl"}}) {
    SCOPED_TRACE(file);
    expect_done(cert(to("der", {p(file), "--out", p("a.der"), "--force"})));
    must(std::string("openssl ") + show + " -in " + file + " -outform DER -out b.der; cmp a.der b.der");
    const Ran pem = cert({"convert", p("a.der")});
    expect_done(pem);
    EXPECT_EQ(pem.out, get(file).substr(get(file).find("-----BEGIN")));
    EXPECT_TRUE(pem.err.empty()) << pem.err;
  }
  expect_done(cert(to("der", {p("pub.pem"), "--out", p("pub.der")})));
  EXPECT_EQ(cert({"convert", p("pub.der")}).out, get("pub.pem"));
}

TEST_F(CertFormsTest, ConvertMakesPkcs12AndOpensIt) {
  const Ran made = cert(to("p12", {p("My_CA.pem"), p("www.pem"), p("www-key.pem"), "--name", "my name",
                                   "--out-passphrase-file", p("pass"), "--out", p("www.p12")}));
  expect_done(made);
  EXPECT_EQ(mode("www.p12"), 0600u);
  EXPECT_NE(made.out.find("encrypted with the passphrase"), std::string::npos) << made.out;
  const std::string info = must("openssl pkcs12 -in www.p12 -passin file:pass -info -nodes -out all.pem");
  EXPECT_NE(get("all.pem").find("friendlyName: my name"), std::string::npos);
  // And back: the chain in its order, and the key.
  expect_done(cert({"convert", p("www.p12"), "--passphrase-file", p("pass"), "--out", p("back.pem")}));
  EXPECT_EQ(mode("back.pem"), 0600u);
  EXPECT_EQ(get("back.pem"), get("www.pem") + get("My_CA.pem") + get("www-key.pem"));
  // With the key encrypted anew.
  expect_done(cert({"convert", p("www.p12"), "--passphrase-file", p("pass"), "--out-passphrase-file",
                    p("pass2"), "--out", p("enc.pem")}));
  must("openssl pkey -in enc.pem -passin file:pass2 -noout");
  // Errors tell the file and the passphrase.
  expect_refused(cert({"convert", p("www.p12"), "--passphrase-file", p("pass2"), "--out", p("x")}), 2,
                 ErrorCode::pkcs12_passphrase_wrong);
  expect_refused(cert({"convert", p("www.p12"), "--out", p("x")}), 2, ErrorCode::pkcs12_passphrase_needed);
  EXPECT_FALSE(std::filesystem::exists(path("x")));
}

TEST_F(CertFormsTest, ConvertMakesATrustStore) {
  expect_done(cert(to("p12", {p("My_CA.pem"), "--out-passphrase-file", p("pass"), "--out", p("trust.p12")})));
  must("openssl pkcs12 -in trust.p12 -passin file:pass -nokeys -out all.pem");
  EXPECT_NE(get("all.pem").find("BEGIN CERTIFICATE"), std::string::npos);
  if (run("command -v keytool").status != 0) return;
  const std::string list =
      must("keytool -list -storetype PKCS12 -keystore trust.p12 -storepass 'correct horse'");
  EXPECT_NE(list.find("trustedCertEntry"), std::string::npos) << list;
}

TEST_F(CertFormsTest, ConvertWritesKeysWithAndWithoutPassphrase) {
  expect_done(
      cert(to("pkcs8", {p("www-key.pem"), "--out-passphrase-file", p("pass"), "--out", p("enc.pem")})));
  EXPECT_TRUE(get("enc.pem").starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
  EXPECT_EQ(mode("enc.pem"), 0600u);
  must("openssl pkey -in enc.pem -passin file:pass -noout");
  const Ran clear =
      cert(to("pkcs8", {p("enc.pem"), "--passphrase-file", p("pass"), "--out", p("clear.pem")}));
  expect_done(clear);
  EXPECT_NE(clear.out.find("not encrypted; only you can read"), std::string::npos) << clear.out;
  EXPECT_EQ(get("clear.pem"), get("www-key.pem"));
  EXPECT_EQ(mode("clear.pem"), 0600u);
  const Ran scrypt = cert(to(
      "pkcs8", {p("www-key.pem"), "--scrypt", "--out-passphrase-file", p("pass"), "--out", p("scrypt.pem")}));
  expect_done(scrypt);
  EXPECT_NE(scrypt.err.find("GnuTLS, Java and NSS do not"), std::string::npos) << scrypt.err;
  EXPECT_NE(must("openssl asn1parse -in scrypt.pem").find(":scrypt"), std::string::npos);
  // Old forms become PKCS#8.
  must(
      "openssl ec -in www-key.pem -out sec1.pem 2>&1; openssl ecparam -name prime256v1 -out params.pem; "
      "cat params.pem sec1.pem > old.pem");
  expect_done(cert(to("pem", {p("old.pem"), "--out", p("new.pem")})));
  EXPECT_EQ(get("new.pem"), get("www-key.pem"));
}

// An encrypted key only gets another wrapping: nobody has to type its passphrase, and it stays as strong as
// it was.
TEST_F(CertFormsTest, ConvertKeepsAnEncryptedKeyEncrypted) {
  must("openssl pkcs8 -topk8 -in www-key.pem -passout file:pass -out enc.pem");
  const Ran der = cert(to("der", {p("enc.pem"), "--out", p("enc.der")}));
  expect_done(der);
  EXPECT_NE(der.out.find("encrypted as it was"), std::string::npos) << der.out;
  must("openssl pkcs8 -inform DER -in enc.der -passin file:pass -out plain.pem");
  expect_done(cert({"convert", p("enc.der"), "--out", p("again.pem")}));
  EXPECT_EQ(get("again.pem"), get("enc.pem"));
  expect_done(cert({"convert", p("enc.pem"), "--passphrase-file", p("pass"), "--out-passphrase-file",
                    p("pass2"), "--out", p("other.pem")}));
  must("openssl pkey -in other.pem -passin file:pass2 -noout");
}

// A key is written where it was asked for, for its owner, and nowhere else.
TEST_F(CertFormsTest, ConvertShowsNoKeyUnasked) {
  for (const std::string form : {"pem", "der", "pkcs8"}) {
    const Ran ran = cert(to(form, {p("www-key.pem")}));
    expect_refused(ran, 2, ErrorCode::bad_argument);
    EXPECT_NE(ran.err.find("--out FILE"), std::string::npos) << ran.err;
    EXPECT_EQ(ran.err.find("PRIVATE KEY-"), std::string::npos);
  }
  expect_refused(cert(to("p12", {p("www-key.pem"), "--out-passphrase-file", p("pass")})), 2,
                 ErrorCode::bad_argument);
  EXPECT_EQ(cert({"convert", p("www-key.pem"), "--out", "-"}).out, get("www-key.pem"));
}

TEST_F(CertFormsTest, ConvertReplacesNothingUnlessForced) {
  put("there", "something");
  expect_refused(cert({"convert", p("www.pem"), "--out", p("there")}), 2, ErrorCode::file_exists);
  EXPECT_EQ(get("there"), "something");
  expect_done(cert({"convert", p("www.pem"), "--out", p("there"), "--force"}));
  EXPECT_EQ(get("there"), get("www.pem"));
  EXPECT_EQ(mode("there"), 0644u);
}

TEST_F(CertFormsTest, ConvertRefusesWhatMakesNoSense) {
  put("garbage", "garbage");
  put("empty", "");
  put("odd.pem", "-----BEGIN CHEESE-----\nAAAA\n-----END CHEESE-----\n");
  must("cat My_CA.pem www.pem > two.pem; cat www-key.pem My_CA-key.pem > keys.pem");
  must("openssl req -new -key www-key.pem -subj /CN=r -out r.csr");
  expect_refused(cert({"convert", p("garbage")}), 2, ErrorCode::bad_argument);
  expect_refused(cert({"convert", p("odd.pem")}), 2, ErrorCode::bad_argument);
  expect_refused(cert({"convert", p("empty")}), 2, ErrorCode::certificate_not_found);
  expect_refused(cert({"convert", p("absent")}), 2, ErrorCode::file_not_readable);
  expect_refused(cert(to("der", {p("two.pem")})), 2, ErrorCode::bad_argument);
  expect_refused(cert(to("pkcs8", {p("www.pem"), "--out", p("x")})), 2, ErrorCode::key_not_found);
  expect_refused(cert({"convert", p("keys.pem"), "--out", p("x")}), 2, ErrorCode::bad_argument);
  expect_refused(cert(to("p12", {p("r.csr"), "--out-passphrase-file", p("pass"), "--out", p("x")})), 2,
                 ErrorCode::bad_argument);
  expect_refused(cert(to("p12", {p("My_CA.pem"), p("www-key.pem"), "--out-passphrase-file", p("pass"),
                                 "--out", p("x")})),
                 2, ErrorCode::key_mismatch);
  EXPECT_EQ(cert({"convert"}).status, 2);
  EXPECT_EQ(cert(to("jks", {p("www.pem")})).status, 2);
  EXPECT_FALSE(std::filesystem::exists(path("x")));
  // The second element behind a DER request would be lost.
  must("openssl req -in r.csr -outform DER -out r.der; cat r.der r.der > rr.der");
  expect_refused(cert({"convert", p("rr.der")}), 2, ErrorCode::bad_argument);
}

// ---- bundle --------------------------------------------------------------------------------------------

TEST_F(CertFormsTest, BundleOrdersAHeap) {
  expect_done(cert({"csr", "middle.example", "--out", path()}));
  expect_done(cert(with_ca({"sign", p("middle.example.csr"), "--intermediate", "--out", p("middle.pem")})));
  expect_done(cert({"new", "leaf.example", "--out", path(), "--ca-cert", p("middle.pem"), "--ca-key",
                    p("middle.example-key.pem")}));
  must("awk '/BEGIN/{n++}{print > (\"part\" n \".pem\")}' leaf.example.pem; mv part1.pem leaf.pem");
  must("awk '/BEGIN/{n++}{print > (\"mid\" n \".pem\")}' middle.pem");
  must("openssl x509 -in My_CA.pem -outform DER -out root.der");
  expect_done(cert({"new", "--ca", "Stranger", "--out", path()}));
  const Ran ran =
      cert({"bundle", p("Stranger.pem"), p("root.der"), p("mid1.pem"), p("leaf.pem"), p("mid1.pem")});
  expect_done(ran);
  EXPECT_EQ(ran.out, get("leaf.pem") + get("mid1.pem"));
  for (const char* part : {"left out", "CN=Stranger", "1 repetition", "--with-root"})
    EXPECT_NE(ran.err.find(part), std::string::npos) << part << '\n' << ran.err;
  const Ran with_root = cert({"bundle", p("root.der"), p("mid1.pem"), p("leaf.pem"), "--with-root"});
  EXPECT_EQ(with_root.out, get("leaf.pem") + get("mid1.pem") + get("My_CA.pem"));
  // A root that is only trusted completes it too.
  const Ran trusted = cert({"bundle", p("mid1.pem"), p("leaf.pem"), "--ca", p("My_CA.pem")});
  expect_done(trusted);
  EXPECT_EQ(trusted.out, get("leaf.pem") + get("mid1.pem"));
  EXPECT_EQ(cert({"bundle", p("mid1.pem"), p("leaf.pem"), "--ca", p("My_CA.pem"), "--with-root"}).out,
            get("leaf.pem") + get("mid1.pem") + get("My_CA.pem"));
  // The intermediate is missing.
  const Ran missing = cert({"bundle", p("leaf.pem"), "--ca", p("My_CA.pem")});
  EXPECT_EQ(missing.status, 3);
  EXPECT_NE(missing.err.find("is missing"), std::string::npos) << missing.err;
  EXPECT_EQ(missing.out, get("leaf.pem"));
  // A server is happy with it.
  put("bundle.pem", ran.out);
  must("openssl verify -CAfile My_CA.pem -untrusted bundle.pem leaf.pem");
}

TEST_F(CertFormsTest, BundleTakesTheKeysCertificate) {
  expect_done(cert({"new", "other.example", "--out", path()}));
  expect_refused(cert({"bundle", p("other.example.pem"), p("www.pem")}), 2, ErrorCode::bad_argument);
  const Ran ran =
      cert({"bundle", p("other.example.pem"), p("My_CA.pem"), p("www.pem"), "--key", p("www-key.pem")});
  expect_done(ran);
  EXPECT_EQ(ran.out, get("www.pem"));
  expect_refused(cert({"bundle", p("My_CA.pem"), "--key", p("www-key.pem")}), 2,
                 ErrorCode::certificate_not_found);
  expect_refused(cert({"bundle", p("pass")}), 2, ErrorCode::bad_argument);
  // Keys and requests of the heap do not matter.
  expect_done(cert({"bundle", p("www.pem"), p("www-key.pem"), p("My_CA-key.pem"), p("My_CA.pem"), "--out",
                    p("chain.pem")}));
  expect_refused(cert({"bundle", p("www.pem"), p("My_CA.pem"), "--out", p("chain.pem")}), 2,
                 ErrorCode::file_exists);
}

// ---- check ---------------------------------------------------------------------------------------------

TEST_F(CertFormsTest, CheckTellsWhatEndsFirst) {
  expect_done(cert({"new", "short.example", "--days", "5", "--out", path()}));
  put("ca.cnf",
      "[ca]\ndefault_ca=d\n[d]\nunique_subject=no\ndatabase=db\nserial=sn\nnew_certs_dir=.\ndefault_md="
      "sha256\npolicy=p\n[p]\n"
      "commonName=optional\n");
  must("touch db; echo 77 > sn; openssl req -new -key www-key.pem -subj /CN=old.example -out old.csr");
  must(
      "openssl ca -batch -selfsign -config ca.cnf -keyfile www-key.pem -in old.csr -out old.pem -startdate "
      "20200101000000Z -enddate 20200201000000Z -notext");
  must(
      "openssl ca -batch -selfsign -config ca.cnf -keyfile www-key.pem -in old.csr -out early.pem -startdate "
      "20900101000000Z -enddate 20910201000000Z -notext");
  const Ran fine = cert({"check", p("www.pem"), p("My_CA.pem")});
  expect_done(fine);
  EXPECT_EQ(std::count(fine.out.begin(), fine.out.end(), '\n'), 2);
  EXPECT_TRUE(fine.out.starts_with("ok ")) << fine.out;

  const Ran soon = cert({"check", p("www.pem"), p("short.example.pem")});
  EXPECT_EQ(soon.status, 4);
  EXPECT_NE(soon.out.find("expires soon"), std::string::npos) << soon.out;
  expect_done(cert({"check", p("short.example.pem"), "--days", "3"}));

  // Every certificate counts, the one that ends first is shown.
  must("cat www.pem short.example.pem My_CA.pem > three.pem");
  const Ran three = cert({"check", p("three.pem")});
  EXPECT_EQ(three.status, 4);
  EXPECT_NE(three.out.find("CN=short.example  (of 3 certificates)"), std::string::npos) << three.out;

  EXPECT_EQ(cert({"check", p("old.pem"), p("short.example.pem"), p("www.pem")}).status, 3);
  EXPECT_EQ(cert({"check", p("early.pem")}).status, 3);
  EXPECT_NE(cert({"check", p("early.pem")}).out.find("not valid yet"), std::string::npos);
  EXPECT_EQ(cert({"check", p("www.pem"), p("absent.pem")}).status, 2);
  EXPECT_EQ(cert({"check", p("www-key.pem")}).status, 2);
  expect_done(cert({"check", p("www.pem"), p("My_CA.pem"), "--days", "0"}));

  const Ran json = cert({"check", p("old.pem"), p("absent.pem"), "--json"});
  EXPECT_EQ(json.status, 2);
  const size_t end = json.out.find('\n');
  const auto first = boost::json::parse(json.out.substr(0, end)),
             second = boost::json::parse(json.out.substr(end + 1));
  EXPECT_EQ(first.at("status").as_string(), "expired");
  EXPECT_LT(first.at("days_left").as_int64(), 0);
  EXPECT_EQ(first.at("not_after_unix").as_int64(), 1580515200);
  EXPECT_EQ(second.at("error").at("error").as_string(), "file_not_readable");
}

TEST_F(CertFormsTest, CheckAsksServers) {
  const pki::Issued soon = pki::SelfSigned{.names = {"localhost"}, .days = 3}.issue().value();
  const pki::Issued later = pki::SelfSigned{.names = {"localhost"}, .days = 300}.issue().value();
  const Server one(soon), two(later);
  const Ran ran = cert({"check", one.where(), two.where(), p("www.pem")});
  EXPECT_EQ(ran.status, 4);
  EXPECT_NE(ran.out.find("expires soon   " + one.where()), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("ok             " + two.where()), std::string::npos) << ran.out;
  uint16_t port = 0;
  {
    port = TcpListener::listen({"localhost", 0}).value().port();
  }
  const Ran unreachable = cert({"check", two.where(), "localhost:" + std::to_string(port)});
  EXPECT_EQ(unreachable.status, 1);
  EXPECT_NE(unreachable.out.find("unreachable"), std::string::npos) << unreachable.out;
  EXPECT_EQ(cert({"check", one.where(), "localhost:" + std::to_string(port)}).status, 1);
}

// ---- show ----------------------------------------------------------------------------------------------

TEST_F(CertFormsTest, ShowTellsOfKeysButNeverTheSecret) {
  const std::string digest =
      must("openssl pkey -in www-key.pem -pubout -outform DER | openssl dgst -sha256 -c");
  std::string fingerprint = digest.substr(digest.rfind(' ') + 1, 95);
  for (char& c : fingerprint) c = static_cast<char>(std::toupper(c));
  const std::string secret = must(
      "openssl pkey -in www-key.pem -noout -text | sed -n '/priv:/,/pub:/p' | sed '1d;$d' | tr -d ' :\\n'");
  must("openssl pkcs8 -topk8 -in www-key.pem -passout file:pass -out enc.pem");
  must(
      "openssl ec -in www-key.pem -outform DER -out sec1.der 2>&1; openssl pkey -in www-key.pem -pubout -out "
      "pub.pem");
  for (const std::string file : {"www-key.pem", "sec1.der", "pub.pem"}) {
    SCOPED_TRACE(file);
    const Ran ran = cert({"show", p(file)});
    expect_done(ran);
    EXPECT_NE(ran.out.find("ECDSA P-256"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find(fingerprint), std::string::npos) << ran.out;
    EXPECT_EQ(ran.out.find(secret.substr(0, 16)), std::string::npos);
    const auto keys = boost::json::parse(cert({"show", "--json", p(file)}).out).at("keys");
    EXPECT_EQ(keys.at(0).at("kind").as_string(), "ECDSA P-256");
  }
  const Ran closed = cert({"show", p("enc.pem")});
  expect_done(closed);
  EXPECT_NE(closed.out.find("AES-256-CBC, PBKDF2 with HMAC-SHA-256 and 2048 iterations"), std::string::npos)
      << closed.out;
  EXPECT_EQ(closed.out.find(fingerprint), std::string::npos);
  const Ran opened = cert({"show", p("enc.pem"), "--passphrase-file", p("pass")});
  EXPECT_NE(opened.out.find(fingerprint), std::string::npos) << opened.out;
  expect_refused(cert({"show", p("enc.pem"), "--passphrase-file", p("pass2")}), 2,
                 ErrorCode::key_passphrase_wrong);
  must("openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -in www-key.pem -passout file:pass -out old.pem");
  EXPECT_NE(cert({"show", p("old.pem")}).out.find("3DES"), std::string::npos);
}

TEST_F(CertFormsTest, ShowTellsOfPkcs12) {
  expect_done(cert(to("p12", {p("www.pem"), p("My_CA.pem"), p("www-key.pem"), "--name", "my\x1b[31m name",
                              "--out-passphrase-file", p("pass"), "--out", p("www.p12")})));
  const Ran closed = cert({"show", p("www.p12")});
  expect_done(closed);
  EXPECT_NE(closed.out.find("HMAC-SHA-256 with 600000 iterations"), std::string::npos) << closed.out;
  EXPECT_EQ(closed.out.find("www.example"), std::string::npos) << closed.out;
  const Ran opened = cert({"show", p("www.p12"), "--passphrase-file", p("pass")});
  expect_done(opened);
  for (const char* part : {"CN=www.example", "CN=My CA", "ECDSA P-256", "Certificate 1 of 2", "name"})
    EXPECT_NE(opened.out.find(part), std::string::npos) << part << '\n' << opened.out;
  EXPECT_EQ(opened.out.find('\x1b'), std::string::npos);
  const auto json =
      boost::json::parse(cert({"show", "--json", p("www.p12"), "--passphrase-file", p("pass")}).out);
  EXPECT_EQ(json.at("certificates").as_array().size(), 2u);
  EXPECT_EQ(json.at("pkcs12").at(0).at("parts").as_array().size(), 2u);
  expect_refused(cert({"show", p("www.p12"), "--passphrase-file", p("pass2")}), 2,
                 ErrorCode::pkcs12_passphrase_wrong);
}

TEST_F(CertFormsTest, ShowTakesSeveralFilesAndTellsAll) {
  const Ran two = cert({"show", p("www.pem"), p("www-key.pem"), p("absent")});
  EXPECT_EQ(two.status, 2);
  EXPECT_NE(two.out.find("CN=www.example"), std::string::npos) << two.out;
  EXPECT_NE(two.out.find("Private key, not encrypted"), std::string::npos) << two.out;
  const Ran text = cert({"show", "--text", p("www.pem")});
  expect_done(text);
  for (const char* part :
       {"Version:      3", "basicConstraints, critical", "CA: no", "authorityKeyIdentifier"})
    EXPECT_NE(text.out.find(part), std::string::npos) << part << '\n' << text.out;
  EXPECT_EQ(cert({"show", "--text", "--json", p("www.pem")}).status, 2);
}

}  // namespace
}  // namespace bulla::cli
