// BoringSSL's (Chromium's) PKI tests: whole chains, parsing, name constraints, name matching, signatures.
#include "asn1/der_reader.h"
#include "asn1/der_writer.h"
#include "asn1/pem.h"
#include "chain_case.h"
#include "files.h"
#include "x509/certificate.h"
#include "x509/name.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

namespace bulla::test {
namespace {

namespace fs = std::filesystem;
using namespace asn1;

const std::string base = "x509/boringssl-pki/";

struct NamedBlocks {
  std::vector<PemBlock> blocks;
  /// The content of the first block with this label, or nothing.
  std::optional<Bytes> find(std::string_view label) const {
    for (const PemBlock& block : blocks)
      if (block.label == label) return block.content.reveal();
    return {};
  }
};

NamedBlocks blocks_of(const std::string& path) {
  auto blocks = decode_pem(as_bytes(read_text(path).value_or("")));
  EXPECT_TRUE(blocks.ok()) << path << ": " << (blocks.ok() ? "" : blocks.error().message());
  return {blocks.ok() ? *std::move(blocks) : std::vector<PemBlock>()};
}

/// One .test file as a case; nothing where it asks for another purpose than TLS.
struct VerifyTest {
  ChainCase chain;
  bool accept = false;
  std::string left_out;
};

VerifyTest parse_test(const std::string& path) {
  VerifyTest out;
  std::istringstream in(read_text(path).value_or(""));
  std::string line, purpose, trust, chain_file;
  bool in_errors = false;
  out.accept = true;
  out.chain.now = parse_rfc3339("2021-10-05T12:00:00Z");
  while (std::getline(in, line)) {
    const auto value = [&](std::string_view key) -> std::optional<std::string> {
      if (in_errors || !line.starts_with(key)) return {};
      return line.substr(std::min(line.size(), key.size() + 1));
    };
    if (in_errors && line.starts_with("ERROR")) out.accept = false;
    if (const auto v = value("chain:")) chain_file = *v;
    if (const auto v = value("last_cert_trust:")) trust = *v;
    if (const auto v = value("key_purpose:")) purpose = *v;
    if (const auto v = value("utc_time:"); v && *v != "DEFAULT")
      out.chain.now =
          parse_rfc3339("20" + v->substr(0, 2) + '-' + v->substr(2, 2) + '-' + v->substr(4, 2) + 'T' +
                        v->substr(6, 2) + ':' + v->substr(8, 2) + ':' + v->substr(10, 2) + 'Z');
    if (line.starts_with("expected_errors:")) in_errors = true;
  }
  if (purpose.starts_with("CLIENT_AUTH"))
    out.chain.purpose = CertificatePurpose::client;
  else if (!purpose.starts_with("SERVER_AUTH"))
    out.left_out = "a purpose other than TLS: " + purpose;
  const auto blocks = blocks_of(fs::path(path).parent_path().string() + '/' + chain_file);
  std::vector<std::string> ders;
  for (const PemBlock& block : blocks.blocks) ders.emplace_back(as_text(block.content.reveal()));
  if (ders.empty()) return out;
  out.chain.leaf = ders.front();
  const bool trusted = trust != "UNSPECIFIED" && trust != "DISTRUSTED";
  if (trusted) out.chain.roots.push_back(ders.back());
  for (size_t i = 1; i < ders.size(); ++i) out.chain.intermediates.push_back(ders[i]);
  out.chain.options.min_rsa_bits = 1024;
  return out;
}

constexpr const char* anchor = "the dates and constraints of a root hold here like any CA's";
constexpr const char* trusted_leaf = "a leaf in the root store is trusted itself";
constexpr const char* strict = "asks for the Web PKI's issuance rules, which private CAs need not follow";

const Scoreboard::Divergences chain_divergences = {
    {"expired-root/not-after-ta-with-constraints.test", anchor},
    {"expired-root/not-after.test", anchor},
    {"expired-root/not-before.test", anchor},
    {"root-basic-constraints-ca-false/main.test", anchor},
    {"root-eku-clientauth/serverauth-ta-with-expiration.test", anchor},
    {"root-lacks-basic-constraints/main.test", anchor},
    {"root-lacks-basic-constraints/ta-with-constraints.test", anchor},
    {"root-lacks-basic-constraints/ta-with-require-basic-constraints.test", anchor},
    {"violates-pathlen-1-from-root/main.test", anchor},
    {"policies-required-by-root-fail/main.test", anchor},
    {"target-only/trusted_anchor.test", trusted_leaf},
    {"target-only/trusted_leaf_require_self_signed.test", trusted_leaf},
    {"target-selfissued/trusted_anchor.test", trusted_leaf},
    {"target-selfissued/trusted_leaf_require_self_signed.test", trusted_leaf},
    {"target-and-intermediate/trusted_leaf-root.test", trusted_leaf},
    {"intermediate-eku-any-and-clientauth/serverauth-strict.test", strict},
    {"target-eku-any/clientauth-strict-leaf.test", strict},
    {"target-eku-any/clientauth-strict.test", strict},
    {"target-eku-any/serverauth-strict.test", strict},
    {"target-eku-many/clientauth-strict-leaf.test", strict},
    {"target-eku-many/clientauth-strict.test", strict},
    {"target-eku-many/serverauth-strict-leaf.test", strict},
    {"target-eku-many/serverauth-strict.test", strict},
    {"target-eku-none/serverauth-strict.test", strict},
    {"target-has-ca-basic-constraints/strict.test", strict},
    {"target-not-end-entity/strict-leaf.test", strict},
    {"target-not-end-entity/strict.test", strict},
    {"issuer-and-subject-not-byte-for-byte-equal/anchor.test",
     "signed with SHA-1 (BoringSSL's test lets that through)"},
    {"issuer-and-subject-not-byte-for-byte-equal/target.test",
     "signed with SHA-1 (BoringSSL's test lets that through)"},
    {"many-names/ok-all-types.test",
     "BoringSSL does not process URI constraints, of which there are more than the budget here"},
    {"target-msapplicationpolicies-and-eku/main.test",
     "Microsoft's application policies are critical and not processed"},
};

const Scoreboard::Divergences parse_divergences = {
    {"serial_negative.pem",
     "BoringSSL only warns; RFC 5280 §4.1.2.2 asks to handle such serial numbers gracefully"},
    {"serial_zero.pem",
     "BoringSSL only warns; RFC 5280 §4.1.2.2 asks to handle such serial numbers gracefully"},
    {"basic_constraints_pathlen_256.pem", "RFC 5280 sets no bound of 255"},
    {"serial_zero_padded_21_bytes.pem", "twenty octets and a sign octet are within RFC 5280 §4.1.2.2"},
    {"issuer_bad_printable_string.pem",
     "such names exist; they are compared octet by octet where they cannot be folded"},
    {"subject_not_printable_string.pem",
     "such names exist; they are compared octet by octet where they cannot be folded"},
    {"subject_blank_subjectaltname_not_critical.pem",
     "a rule for CAs: nothing is proved less when they break it"},
    {"signature_algorithm_null.pem", "a NULL in place of the algorithm's OID is no AlgorithmIdentifier"},
};

TEST(BoringSslTest, VerifyCertificateChain) {
  const auto tests = files_below(base + "verify_certificate_chain_unittest", ".test");
  if (tests.empty()) GTEST_SKIP() << "missing test data: " << base;
  Scoreboard board("x509/boringssl-pki verify_certificate_chain", chain_divergences);
  for (const std::string& path : tests) {
    const std::string id = path.substr((base + "verify_certificate_chain_unittest/").size());
    const VerifyTest test = parse_test(path);
    if (!test.left_out.empty())
      board.left_out(id, test.left_out);
    else
      board.expect(id, test.accept, run(test.chain));
  }
  board.finish();
}

Result<void> parse_whole(Bytes der) {
  BULLA_TRY(Certificate::from_der(der));
  return {};
}

TEST(BoringSslTest, ParseCertificate) {
  const auto paths = files_below(base + "parse_certificate_unittest", ".pem");
  if (paths.empty()) GTEST_SKIP() << "missing test data: " << base;
  Scoreboard board("x509/boringssl-pki parse_certificate", parse_divergences);
  for (const std::string& path : paths) {
    const std::string id = path.substr((base + "parse_certificate_unittest/").size());
    const NamedBlocks blocks = blocks_of(path);
    const auto certificate = blocks.find("CERTIFICATE");
    if (!certificate || id.starts_with("cert_")) {
      board.left_out(id, "fragments: the pieces of a certificate are not parsed alone");
      continue;
    }
    const auto errors = blocks.find("ERRORS");
    board.expect(id, !errors.has_value(), parse_whole(*certificate));
  }
  board.finish();
}

/// Extensions that hold one extension with this value, read as in a certificate.
bool reads_as_extension(const Oid& oid, Bytes value) {
  const auto der = to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.oid(oid);
        w.octet_string(value);
      });
    });
  });
  DerReader r(der);
  x509::read_extensions(r);
  return r.done();
}

TEST(BoringSslTest, NameConstraintsAndAlternativeNames) {
  const auto paths = files_below(base + "name_constraints_unittest", ".pem");
  if (paths.empty()) GTEST_SKIP() << "missing test data: " << base;
  size_t cases = 0;
  for (const std::string& path : paths) {
    const std::string id = path.substr((base + "name_constraints_unittest/").size());
    const NamedBlocks blocks = blocks_of(path);
    // The library reads an explicit minimum of 0, which BoringSSL does not.
    const bool bad = id.starts_with("invalid") || id.find("-invalid_") != std::string::npos ||
                     id.starts_with("san-invalid") || id.find("-with_m") != std::string::npos;
    const bool wanted = !bad || id == "dnsname-with_min_0.pem";
    if (const auto value = blocks.find("NAME CONSTRAINTS")) {
      EXPECT_EQ(reads_as_extension(oids::name_constraints, *value), wanted) << id;
      ++cases;
    }
    if (const auto value = blocks.find("SUBJECT ALTERNATIVE NAME")) {
      EXPECT_EQ(reads_as_extension(oids::subject_alt_name, *value), wanted) << id;
      ++cases;
    }
  }
  report_cases("x509/boringssl-pki name_constraints", cases);
}

TEST(BoringSslTest, Policies) {
  const auto paths = files_below(base + "certificate_policies_unittest", ".pem");
  if (paths.empty()) GTEST_SKIP() << "missing test data: " << base;
  for (const std::string& path : paths) {
    const auto blocks = blocks_of(path);
    const auto value = blocks.find("CERTIFICATE POLICIES");
    ASSERT_TRUE(value) << path;
    // Which qualifiers anyPolicy may have (RFC 5280 §4.2.1.4) is a rule for CAs: they are not read.
    const bool wanted =
        path.find("invalid-") == std::string::npos || path.find("custom_qualifier") != std::string::npos;
    EXPECT_EQ(reads_as_extension(oids::certificate_policies, *value), wanted) << path;
  }
  report_cases("x509/boringssl-pki certificate_policies", paths.size());
}

TEST(BoringSslTest, NameMatching) {
  const auto paths = files_below(base + "verify_name_match_unittest", ".pem");
  if (paths.empty()) GTEST_SKIP() << "missing test data: " << base;
  std::map<std::string, std::vector<uint8_t>> names;
  for (const std::string& path : paths) {
    const auto blocks = blocks_of(path);
    const auto der = blocks.find("NAME");
    if (!der) continue;
    const std::string id = fs::path(path).stem().string();
    names[id] = to_vector(*der);
    EXPECT_EQ(x509::parse_name(*der).has_value(), !id.starts_with("invalid-")) << id;
  }
  size_t pairs = 0;
  for (const auto& [a, a_der] : names)
    for (const auto& [b, b_der] : names) {
      if (!a.starts_with("ascii-") || !b.starts_with("ascii-") || a.find("rdn_") != a.npos ||
          b.find("rdn_") != b.npos)
        continue;
      // ascii-TYPE-MANGLING[-EXTRA]: type and mangling do not matter, an extra attribute, RDN or a double one
      // does.
      const auto extra = [](const std::string& id) {
        const size_t second = id.find('-', id.find('-') + 1), third = id.find('-', second + 1);
        return third == id.npos ? std::string() : id.substr(third);
      };
      EXPECT_EQ(x509::names_equal(a_der, b_der), extra(a) == extra(b)) << a << " and " << b;
      ++pairs;
    }
  const auto equal = [&](const char* a, const char* b) {
    return x509::names_equal(names.at(a), names.at(b));
  };
  EXPECT_TRUE(equal("ascii-PRINTABLESTRING-rdn_sorting_1", "ascii-PRINTABLESTRING-rdn_sorting_2"));
  EXPECT_TRUE(equal("unicode_bmp-BMPSTRING-unmangled", "unicode_bmp-UTF8-unmangled"));
  EXPECT_TRUE(
      equal("unicode_supplementary-UNIVERSALSTRING-unmangled", "unicode_supplementary-UTF8-unmangled"));
  EXPECT_FALSE(equal("valid-minimal", "valid-Name-empty"));
  report_cases("x509/boringssl-pki verify_name_match", pairs + 4);
}

/// Parses key and algorithm and checks the signature, as verification does.
bool verifies(const NamedBlocks& blocks) {
  DerReader key_reader(*blocks.find("PUBLIC KEY")), algorithm_reader(*blocks.find("ALGORITHM"));
  const x509::SubjectPublicKey key = x509::read_public_key(key_reader);
  const x509::AlgorithmIdentifier written = x509::read_algorithm(algorithm_reader);
  DerReader signature_reader(*blocks.find("SIGNATURE"));
  const Bytes signature = signature_reader.bit_string_octets();
  if (!key_reader.done() || !algorithm_reader.done() || !signature_reader.done()) return false;
  const auto algorithm = x509::signature_algorithm_of(written);
  if (!algorithm || !key.key || !allows(*key.key, *algorithm)) return false;
  VerifyJob job{
      .key = &*key.key, .algorithm = *algorithm, .message = *blocks.find("DATA"), .signature = signature};
  default_provider().signing.verify({&job, 1});
  return job.ok;
}

TEST(BoringSslTest, SignedData) {
  const auto paths = files_below(base + "verify_signed_data_unittest", ".pem");
  if (paths.empty()) GTEST_SKIP() << "missing test data: " << base;
  // Everything else in the folder is wrong, or SHA-1.
  std::set<std::string> good = {"ecdsa-prime256v1-sha512", "rsa2048-pkcs1-sha512", "rsa-pss-sha256"};
  if (default_provider().supports(SignatureAlgorithm::ml_dsa_44))
    good.insert({"mldsa-44", "mldsa-65", "mldsa-87"});
  for (const std::string& path : paths) {
    const std::string id = fs::path(path).stem().string();
    EXPECT_EQ(verifies(blocks_of(path)), good.contains(id)) << id;
  }
  report_cases("x509/boringssl-pki verify_signed_data", paths.size());
}

}  // namespace
}  // namespace bulla::test
