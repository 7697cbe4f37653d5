// BoringSSL's revocation lists and OCSP responses, and malformed ones of others.
#include "asn1/pem.h"
#include "chain_case.h"
#include "files.h"
#include "support/credulous_provider.h"
#include "x509/revocation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace bulla::test {
namespace {

using Blocks = std::map<std::string, std::vector<uint8_t>>;

/// The PEM blocks of a file by their labels, each occurring once.
Blocks blocks_of(const std::string& file) {
  Blocks out;
  const auto text = read_text(file).value_or("");
  const auto read = asn1::decode_pem(as_bytes(text)).value();
  for (const asn1::PemBlock& block : read) out[block.label] = to_vector(block.content.reveal());
  return out;
}

/// What the search says of a path of which everything else is in order; the CAs of these sets say nowhere
/// that they are CAs.
Result<void> judge(const std::vector<CertificatePtr>& path, const WebPkiVerifier::Options& options, Time now,
                   Bytes staple = {}) {
  const VerifyRequest request{.chain = path, .now = now, .ocsp_response = staple};
  x509::PaidSignatures paid(options.provider ? *options.provider : default_provider(),
                            options.max_signatures);
  auto failure = x509::RevocationSearch(options, request, paid).check(path);
  if (failure) return *std::move(failure);
  return {};
}

/// The name of the refusal; "passes" for none.
std::string refusal(const Result<void>& outcome) {
  return outcome.ok() ? "passes" : std::string(outcome.error().row().name);
}

// good*: not revoked; revoked*: revoked; bad_* and invalid_*: it cannot be told.
TEST(RevocationVectorsTest, BoringSslLists) {
  const std::string folder = "x509/boringssl-pki/crl_unittest";
  const auto paths = files_below(folder, ".pem");
  if (paths.empty()) GTEST_SKIP() << "missing test data: " << folder;
  Scoreboard board("x509/boringssl-pki lists", read_divergences("boringssl-lists.txt"));
  for (const std::string& file : paths) {
    const std::string name = std::filesystem::path(file).stem().string();
    const Blocks blocks = blocks_of(file);
    std::vector<CertificatePtr> path;
    for (const char* label : {"CERTIFICATE", "CA CERTIFICATE", "CA CERTIFICATE 2"})
      if (blocks.contains(label)) path.push_back(Certificate::from_der(blocks.at(label)).value());
    WebPkiVerifier::Options options{.min_rsa_bits = 1024,
                                    .revocation = RevocationPolicy::leaf_required,
                                    .max_status_age = std::chrono::hours(7 * 24)};
    const Time now = parse_rfc3339("2017-03-09T00:00:00Z");
    const auto list = RevocationList::from_der(blocks.at("CRL"));
    if (list) options.lists.add(*list);
    const bool good = name.starts_with("good"), revoked = name.starts_with("revoked");
    if (good || revoked) {
      EXPECT_TRUE(list.ok()) << name << ": " << list.error().explain();
    }
    const auto outcome = judge(path, options, now);
    board.expect(name, good, outcome);
    if (!outcome.ok()) {
      EXPECT_EQ(refusal(outcome), revoked ? "certificate_revoked" : "certificate_status_unknown") << name;
    }
    // What is not known to be revoked passes by default.
    options.revocation = RevocationPolicy::if_known;
    EXPECT_EQ(judge(path, options, now).ok(), !revoked) << name;
  }
  board.finish();
}

/// What the names of the files mean, from BoringSSL's ocsp_unittest.
constexpr const char *good = "passes", *revoked = "certificate_revoked", *nothing = "ocsp_response_bad";
const std::map<std::string, std::string> ocsp_cases = {
    {"bad_ocsp_type", nothing},
    {"bad_signature", nothing},
    {"bad_status", nothing},
    {"future_response", nothing},
    {"good_response_next_update", good},
    {"good_response_sha256", good},
    {"has_critical_ct_extension", good},
    {"has_critical_response_extension", nothing},
    {"has_critical_single_extension", nothing},
    {"has_single_extension", good},
    {"has_version", good},
    {"invalid_response", nothing},
    {"invalid_response_data", nothing},
    {"malformed_request", nothing},
    {"missing_response", nothing},
    {"multiple_response", nothing},
    {"multiple_response_good_revoked", revoked},
    {"ocsp_extra_certs", good},
    {"ocsp_sign_bad_indirect", nothing},
    {"ocsp_sign_indirect", good},
    {"ocsp_sign_indirect_missing", nothing},
    {"other_response", nothing},
    {"produced_early_response", nothing},
    {"produced_late_response", nothing},
    {"responder_id", good},
    {"revoke_response_reason", revoked},
};

/// sha1WithRSAEncryption becomes sha256WithRSAEncryption, whose OID is as long.
std::vector<uint8_t> without_sha1(std::vector<uint8_t> der) {
  const auto from = from_hex("06092a864886f70d010105"), to = from_hex("06092a864886f70d01010b");
  for (auto at = der.begin();; ++at) {
    at = std::search(at, der.end(), from.begin(), from.end());
    if (at == der.end()) return der;
    std::copy(to.begin(), to.end(), at);
  }
}

std::string judge_staple(const Blocks& blocks, Bytes response) {
  const auto leaf = Certificate::from_der(blocks.at("CERTIFICATE"));
  const auto ca = Certificate::from_der(blocks.at("CA CERTIFICATE"));
  if (!leaf || !ca) return "no certificate";
  return refusal(judge({*leaf, *ca},
                       {.min_rsa_bits = 1024,
                        .provider = &credulous_provider(),
                        .revocation = RevocationPolicy::leaf_required},
                       parse_rfc3339("2017-03-05T00:00:00Z"), response));
}

// Most of them are signed with SHA-1, and refused for that. What else they are about is seen by a provider to
// whom every signature is a good one, with another algorithm's name in them.
TEST(RevocationVectorsTest, BoringSslOcsp) {
  const std::string folder = "x509/boringssl-pki/ocsp_unittest";
  const auto paths = files_below(folder, ".pem");
  if (paths.empty()) GTEST_SKIP() << "missing test data: " << folder;
  auto divergences = read_divergences("boringssl-ocsp.txt");
  size_t cases = 0;
  for (const std::string& file : paths) {
    const std::string name = std::filesystem::path(file).stem().string();
    const Blocks blocks = blocks_of(file);
    const std::vector<uint8_t>& response = blocks.at("OCSP RESPONSE");
    const auto renamed = without_sha1(response);
    ++cases;
    const std::string said = judge_staple(blocks, renamed);
    const bool as_named = ocsp_cases.contains(name) && said == ocsp_cases.at(name);
    if (renamed != response) {
      EXPECT_NE(judge_staple(blocks, response), good) << name;
    }
    const auto reason = divergences.find(name);
    if (reason == divergences.end()) {
      EXPECT_TRUE(as_named) << name << ": " << said;
      continue;
    }
    EXPECT_FALSE(as_named) << name << " no longer differs: " << reason->second;
    divergences.erase(reason);
  }
  for (const auto& [name, reason] : divergences) ADD_FAILURE() << name << " is not in the set: " << reason;
  report_cases(folder, cases);
}

// Lists and responses of other projects, good ones and malformed ones: nothing crashes, everything can be
// described, and what is malformed on purpose is refused.
TEST(RevocationVectorsTest, BadCertsListsAndResponses) {
  const auto paths = files_below("bad-certs", "");
  if (paths.empty()) GTEST_SKIP() << "missing test data: bad-certs (set BULLA_VECTORS to its folder)";
  const auto refused = read_divergences("bad-certs-refused.txt");
  size_t lists = 0, responses = 0, requests = 0, refusals = 0;
  for (const std::string& path : paths) {
    const std::string text = read_text(path).value_or("");
    const std::string file = std::filesystem::path(path).filename().string();
    const auto list = RevocationList::from_pem_or_der(as_bytes(text));
    const auto response = OcspResponse::from_der(as_bytes(text));
    const auto request = OcspRequest::from_der(as_bytes(text));
    const bool is_list =
        path.find("/crls/") != std::string::npos || file.starts_with("crl_") || file.ends_with("_crl.pem");
    const bool is_ocsp = path.find("/ocsp/") != std::string::npos && path.ends_with(".der");
    if (is_list || is_ocsp) {
      const bool accepted = list.ok() || response.ok() || request.ok();
      EXPECT_EQ(accepted, !refused.contains(file))
          << path << ": " << (is_list ? list.error().explain() : response.error().explain());
      refusals += !accepted;
    }
    if (list)
      for (const RevocationListPtr& one : *list) {
        ++lists;
        EXPECT_FALSE(one->issuer().empty());
        (void)one->why_not_used();
        for (size_t i = 0; i < one->size(); ++i) EXPECT_TRUE(one->find(one->entry(i).serial)) << path;
      }
    responses += response.ok();
    requests += request.ok();
  }
  EXPECT_EQ(refusals, refused.size());
  report_cases("bad-certs lists", lists);
  report_cases("bad-certs responses", responses);
  report_cases("bad-certs requests", requests);
}

}  // namespace
}  // namespace bulla::test
