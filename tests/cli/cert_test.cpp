// bulla cert new, csr, sign and show, as a user types it: run in this process, judged by openssl.
#include "cli/cert_fixture.h"

#include <boost/json/parse.hpp>

namespace bulla::cli {
namespace {

TEST_F(CertTest, NewMakesASelfSignedCertificate) {
  const Ran ran = cert({"new", "localhost", "127.0.0.1", "::1", "--out", path()});
  expect_done(ran);
  must(
      "openssl verify -x509_strict -purpose sslserver -verify_hostname localhost -CAfile localhost.pem "
      "localhost.pem");
  EXPECT_EQ(must("openssl x509 -noout -pubkey -in localhost.pem"),
            must("openssl pkey -pubout -in localhost-key.pem"));
  EXPECT_EQ(mode("localhost-key.pem"), 0600u);
  EXPECT_EQ(mode("localhost.pem"), 0644u);
  for (const std::string& part :
       {path("localhost.pem"), path("localhost-key.pem"), std::string("expires in 365 days"),
        std::string("bulla serve --text 'It works' --cert "), std::string("--ca ")})
    EXPECT_NE(ran.out.find(part), std::string::npos) << part << '\n' << ran.out;
  EXPECT_TRUE(ran.err.empty()) << ran.err;
}

TEST_F(CertTest, NewReplacesNothingUnlessForced) {
  expect_done(cert({"new", "localhost", "--out", path()}));
  const std::string before = get("localhost.pem");
  expect_refused(cert({"new", "localhost", "--out", path()}), 2, ErrorCode::file_exists);
  must("rm localhost.pem");
  const std::string key = get("localhost-key.pem");
  expect_refused(cert({"new", "localhost", "--out", path()}), 2, ErrorCode::file_exists);
  EXPECT_EQ(get("localhost-key.pem"), key);
  EXPECT_FALSE(std::filesystem::exists(path("localhost.pem")));
  expect_done(cert({"new", "localhost", "--out", path(), "--force"}));
  EXPECT_NE(get("localhost-key.pem"), key);
}

TEST_F(CertTest, NewTakesDaysKindAndFolder) {
  expect_done(cert({"new", "*.dev.example", "--days", "3", "--key-type", "rsa-2048", "--out", path("a/b")}));
  const std::string text = must("openssl x509 -noout -text -in a/b/wildcard.dev.example.pem");
  EXPECT_NE(text.find("2048 bit"), std::string::npos);
  must("openssl x509 -noout -checkend 172800 -in a/b/wildcard.dev.example.pem");
  EXPECT_NE(run("openssl x509 -noout -checkend 345600 -in a/b/wildcard.dev.example.pem").status, 0);
}

// RFC 9881: a CA, a request and a certificate of ML-DSA, from files to files.
TEST_F(CertTest, MlDsaFromNewToShow) {
  expect_done(cert({"new", "--ca", "My CA", "--key-type", "ml-dsa-65", "--out", path()}));
  expect_done(cert({"csr", "www.example.com", "--key-type", "ml-dsa-44", "--out", path()}));
  expect_done(cert(with_ca({"sign", path("www.example.com.csr")})));
  expect_done(cert(with_ca({"new", "api.example.com", "--key-type", "ml-dsa-87", "--out", path()})));
  const Ran shown = cert({"show", path("www.example.com.pem")});
  expect_done(shown);
  EXPECT_NE(shown.out.find("Key:          ML-DSA-44\n"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("Signature:    ML-DSA-65\n"), std::string::npos) << shown.out;
  EXPECT_NE(cert({"show", path("www.example.com.csr")}).out.find("ML-DSA-44"), std::string::npos);
  const auto roots = roots_from_path(path("My_CA.pem"));
  ASSERT_TRUE(roots) << roots.error().message();
  for (const std::string name : {"www.example.com", "api.example.com"}) {
    const auto identity = Identity::from_pem_files(path(name + ".pem"), path(name + "-key.pem"));
    ASSERT_TRUE(identity) << identity.error().message();
    const auto wanted = ServerName::parse(name).value();
    const auto proof =
        WebPkiVerifier(*roots).verify({.chain = (*identity)->chain(), .name = &wanted, .now = bulla::now()});
    EXPECT_TRUE(proof) << proof.error().explain();
  }
}

TEST_F(CertTest, NewEncryptsTheKey) {
  put("secret", "correct horse\nsecond line\n");
  expect_done(cert({"new", "localhost", "--out", path(), "--passphrase-file", path("secret")}));
  EXPECT_TRUE(get("localhost-key.pem").starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
  must("openssl pkey -noout -passin 'pass:correct horse' -in localhost-key.pem");
  put("empty", "\n");
  expect_refused(cert({"new", "a.example", "--out", path(), "--passphrase-file", path("empty")}), 2,
                 ErrorCode::bad_argument);
  expect_refused(cert({"new", "a.example", "--out", path(), "--passphrase-file", path("absent")}), 2,
                 ErrorCode::file_not_readable);
  EXPECT_FALSE(std::filesystem::exists(path("a.example-key.pem")));
}

TEST_F(CertTest, OwnCaSignsByOneCommand) {
  make_ca();
  EXPECT_EQ(mode("My_CA-key.pem"), 0600u);
  must("openssl verify -x509_strict -CAfile My_CA.pem My_CA.pem");
  expect_done(cert(with_ca({"new", "www.example.com", "--out", path()})));
  must(
      "openssl verify -x509_strict -purpose sslserver -verify_hostname www.example.com -CAfile My_CA.pem "
      "www.example.com.pem");
}

TEST_F(CertTest, NewRefusesWrongUse) {
  expect_refused(cert({"new", "no name", "--out", path()}), 2, ErrorCode::bad_name);
  expect_refused(cert({"new", "https://example.com", "--out", path()}), 2, ErrorCode::bad_name);
  expect_refused(cert({"new", "a.example", "--key-type", "dsa", "--out", path()}), 2,
                 ErrorCode::bad_argument);
  expect_refused(cert({"new", "--ca", "one", "two", "--out", path()}), 2, ErrorCode::bad_argument);
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {},
           {"new"},
           {"new", "a.example", "--days", "0"},
           {"new", "a.example", "--days", "x"},
           {"new", "a.example", "--ca-cert", "x.pem"},
           {"new", "a.example", "--ca-key", "x.pem"},
           {"new", "a.example", "--ca", "--ca-cert", "x.pem", "--ca-key", "x.pem"},
           {"new", "a.example", "--passphrase-file", "x", "--passphrase-prompt"},
           {"sign", "r.csr"},
           {"show"},
           {"frobnicate"}})
    EXPECT_EQ(cert(words).status, 2);
  put("file", "");
  expect_refused(cert({"new", "a.example", "--out", path("file/folder")}), 2, ErrorCode::file_not_writable);
}

TEST_F(CertTest, NewRefusesWhatIsNoCa) {
  expect_done(cert({"new", "leaf.example", "--out", path()}));
  expect_refused(cert({"new", "a.example", "--out", path(), "--ca-cert", path("leaf.example.pem"), "--ca-key",
                       path("leaf.example-key.pem")}),
                 3, ErrorCode::ca_cannot_sign);
  make_ca();
  expect_refused(cert({"new", "a.example", "--out", path(), "--ca-cert", path("My_CA.pem"), "--ca-key",
                       path("leaf.example-key.pem")}),
                 2, ErrorCode::key_mismatch);
  expect_refused(cert({"new", "a.example", "--out", path(), "--ca-cert", path("absent"), "--ca-key",
                       path("My_CA-key.pem")}),
                 2, ErrorCode::file_not_readable);
}

TEST_F(CertTest, CsrIsSignedAndTheKeyStaysEncrypted) {
  make_ca();
  put("secret", "s3cret");
  const Ran made =
      cert({"csr", "www.example.com", "192.0.2.7", "--out", path(), "--passphrase-file", path("secret")});
  expect_done(made);
  must("openssl req -noout -verify -in www.example.com.csr");
  must("openssl pkey -noout -passin pass:s3cret -in www.example.com-key.pem");
  expect_refused(cert({"csr", "www.example.com", "--out", path()}), 2, ErrorCode::file_exists);
  expect_refused(cert({"csr", "not a name", "--out", path()}), 2, ErrorCode::bad_name);
  expect_refused(cert({"csr", "a.example", "--key-type", "rsa", "--out", path()}), 2,
                 ErrorCode::bad_argument);

  const Ran signed_ = cert(with_ca({"sign", path("www.example.com.csr"), "--days", "30"}));
  expect_done(signed_);
  EXPECT_NE(signed_.out.find("  subject       CN=www.example.com\n"
                             "  names         DNS:www.example.com, IP:192.0.2.7\n"),
            std::string::npos)
      << signed_.out;
  must(
      "openssl verify -x509_strict -purpose sslserver -verify_ip 192.0.2.7 -CAfile My_CA.pem "
      "www.example.com.pem");
  expect_refused(cert(with_ca({"sign", path("www.example.com.csr")})), 2, ErrorCode::file_exists);
  expect_done(cert(with_ca({"sign", path("www.example.com.csr"), "--force"})));
  const Ran to_stdout = cert(with_ca({"sign", path("www.example.com.csr"), "--out", "-"}));
  expect_done(to_stdout);
  EXPECT_TRUE(to_stdout.out.starts_with("-----BEGIN CERTIFICATE-----\n")) << to_stdout.out;
}

TEST_F(CertTest, SignOpensAnEncryptedCaKey) {
  put("secret", "ca secret\n");
  put("wrong", "another\n");
  expect_done(cert({"new", "--ca", "My CA", "--out", path(), "--passphrase-file", path("secret")}));
  expect_done(cert({"csr", "a.example", "--out", path()}));
  expect_refused(cert(with_ca({"sign", path("a.example.csr"), "--passphrase-file", path("wrong")})), 2,
                 ErrorCode::key_passphrase_wrong);
  expect_done(cert(with_ca({"sign", path("a.example.csr"), "--passphrase-file", path("secret")})));
  expect_done(cert(with_ca({"new", "b.example", "--out", path(), "--ca-passphrase-file", path("secret")})));
  must("openssl verify -CAfile My_CA.pem a.example.pem b.example.pem");
}

TEST_F(CertTest, SignTakesOpensslsRequestsAndSaysWhatIsNotGranted) {
  make_ca();
  must(
      "openssl req -new -newkey rsa:2048 -nodes -keyout k.pem -out r.csr -subj /CN=a.example -addext "
      "basicConstraints=CA:TRUE -addext extendedKeyUsage=serverAuth,codeSigning");
  const Ran ran = cert(with_ca({"sign", path("r.csr"), "--out", path("r.pem")}));
  expect_done(ran);
  EXPECT_NE(ran.err.find("--intermediate"), std::string::npos) << ran.err;
  EXPECT_NE(ran.err.find("1.3.6.1.5.5.7.3.3"), std::string::npos) << ran.err;
  must("openssl verify -x509_strict -CAfile My_CA.pem r.pem");
  expect_done(cert(with_ca({"sign", path("r.csr"), "--out", path("middle.pem"), "--intermediate"})));
  EXPECT_NE(must("openssl x509 -noout -text -in middle.pem").find("CA:TRUE, pathlen:0"), std::string::npos);
}

TEST_F(CertTest, SignRefusesAlteredAndForeignFiles) {
  make_ca();
  const auto made = pki::NewRequest{.names = {"a.example"}}.create();
  std::vector<uint8_t> der = made->der;
  der.back() ^= 1;
  put("bad.csr", der);
  expect_refused(cert(with_ca({"sign", path("bad.csr")})), 3, ErrorCode::csr_bad_signature);
  put("cut.csr", Bytes(der).first(50));
  expect_refused(cert(with_ca({"sign", path("cut.csr")})), 2, ErrorCode::csr_malformed);
  expect_refused(cert(with_ca({"sign", path("My_CA.pem")})), 2, ErrorCode::csr_not_found);
  expect_refused(cert(with_ca({"sign", path("absent.csr")})), 2, ErrorCode::file_not_readable);
  must("openssl req -new -newkey rsa:1024 -nodes -keyout k.pem -out weak.csr -subj /CN=a.example");
  expect_refused(cert(with_ca({"sign", path("weak.csr")})), 3, ErrorCode::csr_unacceptable);
}

TEST_F(CertTest, ShowDescribesFiles) {
  make_ca();
  expect_done(cert(with_ca({"new", "www.example.com", "--out", path()})));
  const Ran one = cert({"show", path("www.example.com.pem")});
  expect_done(one);
  for (const char* part :
       {"CN=www.example.com", "CN=My CA", "DNS:www.example.com", "expires in 365 days", "SHA-256"})
    EXPECT_NE(one.out.find(part), std::string::npos) << part << '\n' << one.out;
  EXPECT_EQ(one.out.find('\x1b'), std::string::npos);
  must("cat My_CA.pem www.example.com.pem > wrong-order.pem");
  const Ran two = cert({"show", path("wrong-order.pem")});
  expect_done(two);
  EXPECT_NE(two.out.find("Certificate 2 of 2"), std::string::npos);
  EXPECT_NE(two.out.find("Problem: certificate 2 did not issue certificate 1"), std::string::npos) << two.out;
  const Ran json = cert({"show", "--json", path("wrong-order.pem")});
  expect_done(json);
  const auto parsed = boost::json::parse(json.out);
  EXPECT_EQ(parsed.at("certificates").as_array().size(), 2u);
  EXPECT_FALSE(parsed.at("problems").as_array().empty());
  must("openssl x509 -in My_CA.pem -outform DER -out ca.der");
  expect_done(cert({"show", path("ca.der")}));
}

TEST_F(CertTest, ShowDescribesRequests) {
  expect_done(cert({"csr", "www.example.com", "::1", "--out", path()}));
  const Ran text = cert({"show", path("www.example.com.csr")});
  expect_done(text);
  EXPECT_NE(text.out.find("www.example.com, ::1"), std::string::npos) << text.out;
  const Ran json = cert({"show", "--json", path("www.example.com.csr")});
  expect_done(json);
  EXPECT_EQ(boost::json::parse(json.out).at("requests").at(0).at("names").as_array().size(), 2u);
}

TEST_F(CertTest, ShowListsSeveralRequestsAndKeysEachAsItself) {
  expect_done(cert({"csr", "www.example.com", "--out", path()}));
  expect_done(cert({"csr", "b.example.com", "--key-type", "ed25519", "--out", path()}));
  must("cat www.example.com.csr b.example.com.csr www.example.com-key.pem b.example.com-key.pem > all.pem");
  const Ran json = cert({"show", "--json", path("all.pem")});
  expect_done(json);
  const auto parsed = boost::json::parse(json.out).as_object();  // the last of members of one name
  EXPECT_EQ(json.out.find("\"keys\":"), json.out.rfind("\"keys\":"));
  const auto& keys = parsed.at("keys").as_array();
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys.at(0).at("kind").as_string(), "ECDSA P-256");
  EXPECT_EQ(keys.at(1).at("kind").as_string(), "Ed25519");
  const auto& requests = parsed.at("requests").as_array();
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests.at(0).at("names").at(0).as_string(), "www.example.com");
  EXPECT_EQ(requests.at(1).at("names").at(0).as_string(), "b.example.com");
  const Ran text = cert({"show", path("all.pem")});
  expect_done(text);
  EXPECT_NE(text.out.find("Kind:         Ed25519"), std::string::npos) << text.out;
}

TEST_F(CertTest, ShowRefusesWhatItCannotRead) {
  put("garbage", "garbage");
  put("empty", "");
  expect_refused(cert({"show", path("garbage")}), 2, ErrorCode::certificate_malformed);
  expect_refused(cert({"show", path("empty")}), 2, ErrorCode::certificate_not_found);
  expect_refused(cert({"show", path("absent.pem")}), 2, ErrorCode::file_not_readable);
  expect_refused(cert({"show", "absent"}), 2, ErrorCode::file_not_readable);
  expect_refused(cert({"show", "localhost:99999"}), 2, ErrorCode::file_not_readable);
}

TEST_F(CertTest, ShowAsksServersAndVerifies) {
  make_ca();
  const auto ca =
      pki::CertificateAuthority::from_bytes(as_bytes(get("My_CA.pem")), as_bytes(get("My_CA-key.pem")));
  ASSERT_TRUE(ca);
  const Server server(*ca->issue(std::vector<std::string>{"localhost"}, 10));
  const Ran good = cert({"show", server.where(), "--ca", path("My_CA.pem")});
  expect_done(good);
  EXPECT_NE(good.out.find("Verified: yes, for localhost, up to CN=My CA"), std::string::npos) << good.out;
  EXPECT_NE(good.out.find("DNS:localhost"), std::string::npos) << good.out;

  const Ran wrong_name = cert({"show", server.where(), "--ca", path("My_CA.pem"), "--name", "other.example"});
  EXPECT_EQ(wrong_name.status, 3);
  EXPECT_NE(wrong_name.out.find("DNS:localhost"), std::string::npos) << wrong_name.out;
  EXPECT_NE(wrong_name.out.find("Verified: no"), std::string::npos) << wrong_name.out;
  EXPECT_NE(wrong_name.err.find("certificate_name_mismatch"), std::string::npos) << wrong_name.err;

  expect_done(cert({"new", "--ca", "Other CA", "--out", path()}));
  const Ran foreign = cert({"show", server.where(), "--ca", path("Other_CA.pem"), "--json"});
  EXPECT_EQ(foreign.status, 3);
  const auto json = boost::json::parse(foreign.out);
  EXPECT_FALSE(json.at("verified").as_bool());
  EXPECT_EQ(json.at("error").at("error").as_string(), "certificate_unknown_issuer");
  EXPECT_EQ(json.at("certificates").as_array().size(), 1u);
}

TEST_F(CertTest, ShowSaysWhenThereIsNoServer) {
  make_ca();
  uint16_t port = 0;
  {
    const auto listener = TcpListener::listen({"localhost", 0});
    ASSERT_TRUE(listener);
    port = listener->port();
  }
  expect_refused(cert({"show", "localhost:" + std::to_string(port), "--ca", path("My_CA.pem")}), 1,
                 ErrorCode::connect_failed);
}

TEST_F(CertTest, EveryVerbHasHelpWithExamples) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {}, {"new"}, {"csr"}, {"sign"}, {"show"}, {"convert"}, {"bundle"}, {"check"}}) {
    std::vector<std::string> with_help = words;
    with_help.push_back("--help");
    const Ran ran = cert(with_help);
    expect_done(ran);
    EXPECT_NE(ran.out.find("Examples:\n"), std::string::npos) << ran.out;
  }
}

}  // namespace
}  // namespace bulla::cli
