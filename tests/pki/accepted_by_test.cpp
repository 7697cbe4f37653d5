// Certificates and requests of ours in the hands of openssl, certtool (GnuTLS), keytool (Java) and certutil
// (NSS), and what these make in their default settings in ours. Key files, PKCS#12, lists and OCSP are looked
// at in key_files_test, pkcs12_interop_test and revocation_authority_test. A program that is not there is
// skipped.
#include "pki/openssl_test.h"

#include <bulla/pkcs12.h>

namespace bulla::pki {
namespace {

using test::OpensslTest;

struct Peer {
  const char* program;
  std::string_view cannot;  ///< key kinds that its version in Debian 12 does not know
};
constexpr Peer openssl = {"openssl", "ml-dsa-65"};
constexpr Peer gnutls = {"certtool", "ml-dsa-65"};
constexpr Peer java = {"keytool", "ml-dsa-65"};
constexpr Peer nss = {"certutil", "ed25519 ml-dsa-65"};

constexpr std::string_view kinds[] = {"ecdsa-p256", "ecdsa-p384", "ecdsa-p521",
                                      "ed25519",    "rsa-2048",   "ml-dsa-65"};
const std::string host = "www.example.com";

struct AcceptedBy : OpensslTest {
  bool has(const Peer& peer) const { return run(std::string("command -v ") + peer.program).status == 0; }

  /// Root, intermediate and leaf of one kind: root.pem, middle.pem, leaf.pem, and chain.pem of the last two.
  void make_chain(std::string_view kind) const {
    const KeyKind key = KeyKind::parse(kind).value();
    const Issued root = NewCa{.name = "Test root " + std::string(kind), .key = key}.issue().value();
    const auto top = CertificateAuthority::create(root.chain, root.key.signer()).value();
    const Issued middle = top.issue_ca({.name = "Test intermediate", .days = 900, .key = key}).value();
    const auto issuer = CertificateAuthority::create(middle.chain, middle.key.signer()).value();
    const std::string names[] = {host, "192.0.2.1"};
    const Issued leaf = issuer.issue(names, 90, key).value();
    put("root.pem", root.chain_pem());
    put("middle.pem", to_pem({&middle.chain.front(), 1}));
    put("leaf.pem", to_pem({&leaf.chain.front(), 1}));
    put("chain.pem", leaf.chain_pem());
  }
  template <class Check>
  void for_kinds_of(const Peer& peer, const Check& check) const {
    for (const std::string_view kind : kinds) {
      if (peer.cannot.find(kind) != std::string_view::npos) continue;
      SCOPED_TRACE(kind);
      check(kind);
    }
  }

  /// Their self-signed certificate and key: parsed, put together, and accepted where it is trusted itself.
  void expect_usable(const std::string& certificate_file, const std::string& key_file) const {
    const std::string certificate = get(certificate_file), key = get(key_file);
    const auto identity = Identity::from_bytes(as_bytes(certificate), as_bytes(key));
    ASSERT_TRUE(identity.ok()) << identity.error().explain();
    expect_trusted((*identity)->chain());
  }
  void expect_trusted(const std::vector<CertificatePtr>& chain) const {
    RootStore roots;
    roots.add(chain.front());
    const auto proof = WebPkiVerifier(std::move(roots)).verify({.chain = chain, .now = now()});
    EXPECT_TRUE(proof.ok()) << proof.error().explain();
    EXPECT_FALSE(describe_whole(*chain.front(), now()).empty());
  }
  /// Their request is signed by a CA of ours, and the chain verifies for the name.
  void expect_signed(const std::string& request_file) const {
    const std::string request = get(request_file);
    const auto parsed = CertificationRequest::from_pem_or_der(as_bytes(request));
    ASSERT_TRUE(parsed.ok()) << parsed.error().explain();
    const Issued root = NewCa{.name = "Test root"}.issue().value();
    const auto ca = CertificateAuthority::create(root.chain, root.key.signer()).value();
    const auto chain = ca.sign(*parsed, 30);
    ASSERT_TRUE(chain.ok()) << chain.error().explain();
    RootStore roots;
    roots.add(root.chain.front());
    const ServerName name = ServerName::parse(host).value();
    const auto proof =
        WebPkiVerifier(std::move(roots)).verify({.chain = *chain, .name = &name, .now = now()});
    EXPECT_TRUE(proof.ok()) << proof.error().explain();
  }
  static Time now() { return std::chrono::floor<Time::duration>(std::chrono::system_clock::now()); }
};

// ---- ours in their hands
// -----------------------------------------------------------------------------------

TEST_F(AcceptedBy, openssl_verifies_our_chains) {
  for_kinds_of(openssl, [&](std::string_view kind) {
    make_chain(kind);
    must("openssl verify -x509_strict -purpose sslserver -verify_hostname " + host +
         " -CAfile root.pem -untrusted middle.pem leaf.pem");
    must("openssl verify -x509_strict -purpose sslclient -CAfile root.pem -untrusted middle.pem leaf.pem");
    EXPECT_NE(
        run("openssl verify -verify_hostname other.example -CAfile root.pem -untrusted middle.pem leaf.pem")
            .status,
        0);
  });
}

TEST_F(AcceptedBy, gnutls_verifies_our_chains) {
  if (!has(gnutls)) GTEST_SKIP() << "certtool is not installed";
  for_kinds_of(gnutls, [&](std::string_view kind) {
    make_chain(kind);
    const std::string verify =
        "certtool --verify --load-ca-certificate root.pem --infile chain.pem "
        "--verify-purpose 1.3.6.1.5.5.7.3.1 --verify-hostname ";
    must(verify + host);
    EXPECT_NE(run(verify + "other.example").status, 0);
  });
}

TEST_F(AcceptedBy, java_reads_and_imports_our_certificates) {
  if (!has(java)) GTEST_SKIP() << "keytool is not installed";
  std::string all;
  for_kinds_of(java, [&](std::string_view kind) {
    make_chain(kind);
    all += get("leaf.pem") + get("middle.pem") + get("root.pem");
  });
  put("all.pem", all);
  const std::string printed = must("keytool -printcert -v -file all.pem");
  size_t count = 0;
  for (size_t at = 0; (at = printed.find("DNSName: " + host, at)) != std::string::npos; ++at) ++count;
  EXPECT_EQ(count, 5u);
  must("keytool -importcert -noprompt -alias ours -file root.pem -keystore t.p12 -storepass secret");
  EXPECT_NE(must("keytool -list -keystore t.p12 -storepass secret").find("trustedCertEntry"),
            std::string::npos);
}

TEST_F(AcceptedBy, nss_verifies_our_chains) {
  if (!has(nss)) GTEST_SKIP() << "certutil is not installed";
  for_kinds_of(nss, [&](std::string_view kind) {
    make_chain(kind);
    must("rm -rf db && mkdir db && certutil -N -d sql:db --empty-password");
    must("certutil -A -d sql:db -n root -t C,, -a -i root.pem");
    must("certutil -A -d sql:db -n middle -t ,, -a -i middle.pem");
    must("certutil -A -d sql:db -n leaf -t ,, -a -i leaf.pem");
    EXPECT_NE(must("certutil -V -d sql:db -n leaf -u V").find("is valid"), std::string::npos);
    must("certutil -M -d sql:db -n root -t p,,");
    EXPECT_NE(run("certutil -V -d sql:db -n leaf -u V").status, 0) << "a root that is not trusted";
  });
}

TEST_F(AcceptedBy, keys_of_servers_encipher_where_nss_wants_it_and_nowhere_else) {
  const Issued root = NewCa{.name = "Test root"}.issue().value();
  const auto ca = CertificateAuthority::create(root.chain, root.key.signer()).value();
  const auto text = [&](KeyKind key, CertificateUse use) {
    const Issued leaf = ca.issue(Subject{.names = {host}}, Terms{.use = use}, key).value();
    return describe_whole(leaf.certificate(), now());
  };
  const KeyKind rsa = {KeyType::rsa, 2048};
  EXPECT_NE(text(rsa, CertificateUse::server).find("keyEncipherment"), std::string::npos);
  EXPECT_NE(text(rsa, CertificateUse::both).find("keyEncipherment"), std::string::npos);
  EXPECT_EQ(text(rsa, CertificateUse::client).find("keyEncipherment"), std::string::npos);
  EXPECT_EQ(text({}, CertificateUse::server).find("keyEncipherment"), std::string::npos);
}

TEST_F(AcceptedBy, everybody_reads_our_requests) {
  for_kinds_of(openssl, [&](std::string_view kind) {
    const auto made = NewRequest{.names = {host}, .key = KeyKind::parse(kind).value()}.create().value();
    put("ours.csr", made.pem());
    must("openssl req -verify -noout -in ours.csr");
    if (has(gnutls)) {
      EXPECT_NE(must("certtool --crq-info --infile ours.csr").find("Self signature: verified"),
                std::string::npos);
    }
    if (has(java) && (kind == "ecdsa-p256" || kind == "ed25519")) {
      EXPECT_NE(must("keytool -printcertreq -file ours.csr").find("DNSName: " + host), std::string::npos);
    }
  });
}

// ---- theirs in ours
// ----------------------------------------------------------------------------------------

TEST_F(AcceptedBy, we_take_what_openssl_makes_by_default) {
  for (const char* key : {"rsa", "ec -pkeyopt ec_paramgen_curve:P-256", "ed25519"}) {
    SCOPED_TRACE(key);
    must(std::string("openssl req -x509 -nodes -subj /CN=" + host + " -keyout k.pem -out c.pem -newkey ") +
         key);
    expect_usable("c.pem", "k.pem");
    must("openssl req -new -key k.pem -subj /CN=" + host + " -out r.pem");
    expect_signed("r.pem");
  }
  must("openssl pkcs12 -export -inkey k.pem -in c.pem -passout pass:secret -out d.p12");
  const std::string file = get("d.p12");
  EXPECT_TRUE(Pkcs12::open(as_bytes(file), "secret").ok());
  must("openssl pkcs12 -export -legacy -inkey k.pem -in c.pem -passout pass:secret -out l.p12");
  const std::string legacy = get("l.p12");
  const auto refused = Pkcs12::open(as_bytes(legacy), "secret");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::pkcs12_unsupported);
  EXPECT_NE(refused.error().explain().find("openssl pkcs12"), std::string::npos) << refused.error().explain();
}

TEST_F(AcceptedBy, we_take_what_gnutls_makes_by_default) {
  if (!has(gnutls)) GTEST_SKIP() << "certtool is not installed";
  put("t.cfg",
      "cn = " + host + "\ndns_name = " + host + "\nexpiration_days = 30\ntls_www_server\nsigning_key\n");
  for (const char* key : {"rsa", "ecdsa", "ed25519"}) {
    SCOPED_TRACE(key);
    must(std::string("certtool --generate-privkey --outfile k.pem --key-type ") + key);
    must("certtool --generate-self-signed --load-privkey k.pem --template t.cfg --outfile c.pem");
    expect_usable("c.pem", "k.pem");
    must("certtool --generate-request --load-privkey k.pem --template t.cfg --outfile r.pem");
    expect_signed("r.pem");
  }
}

TEST_F(AcceptedBy, we_take_what_java_makes_by_default) {
  if (!has(java)) GTEST_SKIP() << "keytool is not installed";
  for (const char* key : {"RSA", "EC", "Ed25519"}) {
    SCOPED_TRACE(key);
    must("rm -f s.p12");
    must(std::string("keytool -genkeypair -alias a -dname CN=" + host + " -ext san=dns:" + host +
                     " -keystore s.p12 -storepass secret -keyalg ") +
         key);
    const std::string store = get("s.p12");
    const auto opened = Pkcs12::open(as_bytes(store), "secret");
    ASSERT_TRUE(opened.ok()) << opened.error().explain();
    EXPECT_TRUE(opened->identity().ok());
    expect_trusted(opened->chain);
    must("keytool -certreq -alias a -ext san=dns:" + host + " -keystore s.p12 -storepass secret -file r.pem");
    expect_signed("r.pem");
    must("keytool -exportcert -alias a -keystore s.p12 -storepass secret -file c.der");
    const std::string exported = get("c.der");
    EXPECT_TRUE(Certificate::from_der(as_bytes(exported)).ok());
  }
}

TEST_F(AcceptedBy, we_take_what_nss_makes_by_default) {
  if (!has(nss)) GTEST_SKIP() << "certutil is not installed";
  must("mkdir db && certutil -N -d sql:db --empty-password && head -c 100 /dev/urandom > noise");
  for (const char* key : {"rsa", "ec -q nistp256"}) {
    SCOPED_TRACE(key);
    const std::string name = std::string(key).substr(0, 2);
    must("certutil -S -x -d sql:db -z noise -s CN=" + host + " -8 " + host + " -t u,, -n " + name + " -k " +
         key);
    must("certutil -L -d sql:db -a -n " + name + " > c.pem");
    const std::string exported = get("c.pem");
    const auto chain = Certificate::from_pem_or_der(as_bytes(exported));
    ASSERT_TRUE(chain.ok()) << chain.error().explain();
    expect_trusted(*chain);
    must("certutil -R -d sql:db -z noise -s CN=" + host + " -8 " + host + " -o r.der -k " + key);
    expect_signed("r.der");
  }
}

}  // namespace
}  // namespace bulla::pki
