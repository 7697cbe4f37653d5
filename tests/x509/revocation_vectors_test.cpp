// BoringSSL's revocation lists and OCSP responses, and malformed ones of others.
#include "asn1/pem.h"
#include "chain_case.h"
#include "files.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace bulla::test {
namespace {

using Blocks = std::map<std::string, std::vector<uint8_t>>;

/// The PEM blocks of a file by their labels, each occurring once.
Blocks blocks_of(const std::string& file) {
  Blocks out;
  const auto text = read_text(file);
  for (const asn1::PemBlock& block : asn1::decode_pem(as_bytes(text.value_or(""))).value())
    out[block.label] = to_vector(block.content.reveal());
  return out;
}

std::string text_of(const Blocks& blocks, const std::string& label) {
  const auto found = blocks.find(label);
  return found == blocks.end() ? "" : std::string(as_text(found->second));
}

/// The code of the refusal; nothing where the path passes.
std::optional<ErrorCode> refusal(const Result<void>& outcome) {
  if (outcome.ok()) return {};
  return outcome.error().code;
}

// good*: not revoked; revoked*: revoked; bad_* and invalid_*: it cannot be told.
TEST(RevocationVectorsTest, BoringSslLists) {
  const std::string folder = "x509/boringssl-pki/crl_unittest";
  const auto paths = files_below(folder, ".pem");
  if (paths.empty()) GTEST_SKIP() << "missing test data: " << folder;
  Scoreboard board("x509/boringssl-pki lists", read_divergences("boringssl-lists.txt"));
  for (const std::string& path : paths) {
    const std::string name = std::filesystem::path(path).stem().string();
    const Blocks blocks = blocks_of(path);
    ChainCase chain;
    chain.leaf = text_of(blocks, "CERTIFICATE");
    const bool two_keys = blocks.contains("CA CERTIFICATE 2");
    chain.roots = {text_of(blocks, two_keys ? "CA CERTIFICATE 2" : "CA CERTIFICATE")};
    if (two_keys) chain.intermediates = {text_of(blocks, "CA CERTIFICATE")};
    chain.now = parse_rfc3339("2017-03-09T00:00:00Z");
    chain.options.min_rsa_bits = 1024;
    chain.options.max_status_age = std::chrono::hours(7 * 24);
    chain.options.revocation = RevocationPolicy::leaf_required;
    auto list = RevocationList::from_der(blocks.at("CRL"));
    if (list) chain.options.lists.add(*list);
    if (name.starts_with("good") || name.starts_with("revoked")) {
      EXPECT_TRUE(list.ok()) << name << ": " << list.error().explain();
    }
    const auto outcome = run(chain);
    board.expect(name, name.starts_with("good"), outcome);
    if (!outcome.ok()) {
      EXPECT_EQ(outcome.error().code, name.starts_with("revoked") ? ErrorCode::certificate_revoked
                                                                  : ErrorCode::certificate_status_unknown)
          << name << ": " << outcome.error().explain();
    }
    // What is not known to be revoked passes by default.
    chain.options.revocation = RevocationPolicy::if_known;
    EXPECT_EQ(run(chain).ok(), !name.starts_with("revoked")) << name;
  }
  board.finish();
}

/// What the names of the files mean, from BoringSSL's ocsp_unittest.
enum class Wanted : uint8_t { good, revoked, nothing };
const std::map<std::string, Wanted> ocsp_cases = {
    {"bad_ocsp_type", Wanted::nothing},
    {"bad_signature", Wanted::nothing},
    {"bad_status", Wanted::nothing},
    {"future_response", Wanted::nothing},
    {"good_response_next_update", Wanted::good},
    {"good_response_sha256", Wanted::good},
    {"has_critical_ct_extension", Wanted::good},
    {"has_critical_response_extension", Wanted::nothing},
    {"has_critical_single_extension", Wanted::nothing},
    {"has_single_extension", Wanted::good},
    {"has_version", Wanted::good},
    {"invalid_response", Wanted::nothing},
    {"invalid_response_data", Wanted::nothing},
    {"malformed_request", Wanted::nothing},
    {"missing_response", Wanted::nothing},
    {"multiple_response", Wanted::nothing},
    {"multiple_response_good_revoked", Wanted::revoked},
    {"ocsp_extra_certs", Wanted::good},
    {"ocsp_sign_bad_indirect", Wanted::nothing},
    {"ocsp_sign_indirect", Wanted::good},
    {"ocsp_sign_indirect_missing", Wanted::nothing},
    {"other_response", Wanted::nothing},
    {"produced_early_response", Wanted::nothing},
    {"produced_late_response", Wanted::nothing},
    {"responder_id", Wanted::good},
    {"revoke_response_reason", Wanted::revoked},
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

const Provider& credulous_provider() {
  static const Provider provider = [] {
    Provider out = default_provider();
    out.signing.verify = [](std::span<VerifyJob> jobs) noexcept {
      for (VerifyJob& job : jobs) job.ok = true;
    };
    return out;
  }();
  return provider;
}

std::optional<ErrorCode> judge(const Blocks& blocks, Bytes response, const Provider& provider) {
  ChainCase chain;
  chain.leaf = text_of(blocks, "CERTIFICATE");
  chain.roots = {text_of(blocks, "CA CERTIFICATE")};
  chain.now = parse_rfc3339("2017-03-05T00:00:00Z");
  chain.ocsp_response = to_vector(response);
  chain.options.min_rsa_bits = 1024;
  chain.options.provider = &provider;
  chain.options.revocation = RevocationPolicy::leaf_required;
  // The certificates are signed with SHA-1 too.
  for (std::string* text : {&chain.leaf, &chain.roots[0]})
    *text = std::string(as_text(without_sha1({text->begin(), text->end()})));
  return refusal(run(chain));
}

// Most of them are signed with SHA-1 and refused for that. What else they are about is seen by a provider to
// whom every signature is a good one, with another algorithm's name in them.
TEST(RevocationVectorsTest, BoringSslOcsp) {
  const std::string folder = "x509/boringssl-pki/ocsp_unittest";
  const auto paths = files_below(folder, ".pem");
  if (paths.empty()) GTEST_SKIP() << "missing test data: " << folder;
  auto divergences = read_divergences("boringssl-ocsp.txt");
  size_t cases = 0;
  for (const std::string& path : paths) {
    const std::string name = std::filesystem::path(path).stem().string();
    const Blocks blocks = blocks_of(path);
    const std::vector<uint8_t>& response = blocks.at("OCSP RESPONSE");
    const auto renamed = without_sha1(response);
    ++cases;
    if (const auto reason = divergences.find(name); reason != divergences.end()) {
      const auto known = ocsp_cases.find(name);
      const auto said = judge(blocks, renamed, credulous_provider());
      EXPECT_TRUE(known == ocsp_cases.end() || said.has_value() == (known->second == Wanted::good))
          << name << " no longer differs: " << reason->second;
      divergences.erase(reason);
      continue;
    }
    ASSERT_TRUE(ocsp_cases.contains(name)) << name;
    if (renamed != response) {
      EXPECT_EQ(judge(blocks, response, credulous_provider()), ErrorCode::ocsp_response_bad) << name;
    }
    std::optional<ErrorCode> wanted;
    if (ocsp_cases.at(name) == Wanted::revoked) wanted = ErrorCode::certificate_revoked;
    if (ocsp_cases.at(name) == Wanted::nothing) wanted = ErrorCode::ocsp_response_bad;
    EXPECT_EQ(judge(blocks, renamed, credulous_provider()), wanted) << name;
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
    const bool is_list = path.find("/crls/") != std::string::npos || file.starts_with("crl_") ||
                         file.find("_crl") != std::string::npos;
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
