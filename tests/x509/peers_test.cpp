// The chains of x509-limbo and BetterTLS, judged by `openssl verify`, `certtool --verify` and Java's PKIX
// builder, and the paths and lists of NIST PKITS, judged by the first of them (the others' commands know no
// policies): as we judge them, or tests/x509/data/divergences/peers-*.txt says why not. Many processes, so
// only where BULLA_THOROUGH is set (./test --full).
#include "asn1/pem.h"
#include "limbo_case.h"
#include "pki/openssl_test.h"
#include "pkits_case.h"
#include "support/vectors.h"

#include <gtest/gtest.h>

#include <map>
#include <sstream>

namespace bulla::test {
namespace {

struct Case {
  std::string id;
  ChainCase chain;
  bool at_any_time;  ///< now as well as at the chain's moment
};

/// Those that the command lines of all peers can be asked about: no lists, no bound on the path, a name.
void add_cases(const char* file, size_t every, std::vector<Case>& out) {
  const auto document = load_json(file);
  if (!document) return;
  size_t count = 0;
  for (const auto& value : document->at("testcases").as_array()) {
    const auto& test = value.as_object();
    if (count++ % every) continue;
    if (!test.at("crls").as_array().empty() || test.at("max_chain_depth").is_int64()) continue;
    if (test.at("trusted_certs").as_array().empty()) continue;
    out.push_back({text_of(test.at("id")), chain_of(test, CertificateProfile::rfc5280),
                   test.at("validation_time").is_null()});
  }
}

const std::vector<Case>& all_cases() {
  static const std::vector<Case> cases = [] {
    std::vector<Case> out;
    add_cases("x509/limbo/limbo.json", 1, out);
    add_cases("x509/bettertls/bettertls-pathbuilding.json", 1, out);
    add_cases("x509/bettertls/bettertls-nameconstraints.json", 50, out);
    return out;
  }();
  return cases;
}

constexpr const char* server_auth = "1.3.6.1.5.5.7.3.1";
constexpr const char* client_auth = "1.3.6.1.5.5.7.3.2";

std::string purpose_of(const ChainCase& chain, const std::string& prefix) {
  return prefix + (chain.purpose == CertificatePurpose::server ? "server" : "client");
}

long long seconds_of(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

struct PeersTest : OpensslTest {
  void SetUp() override {
    if (!std::getenv("BULLA_THOROUGH")) GTEST_SKIP() << "runs where BULLA_THOROUGH is set";
    if (all_cases().empty())
      GTEST_SKIP() << "missing test data: x509/limbo (set BULLA_VECTORS to its folder)";
  }
  bool has(const char* program) const { return run(std::string("command -v ") + program).status == 0; }

  void write_files(const ChainCase& chain, const std::string& stem = {}) const {
    std::string roots, sent;
    for (const std::string& one : chain.roots) roots += one + "\n";
    for (const std::string& one : chain.intermediates) sent += one + "\n";
    put(stem + "roots.pem", roots);
    put(stem + "sent.pem", sent);
    put(stem + "leaf.pem", chain.leaf + "\n");
    put(stem + "chain.pem", chain.leaf + "\n" + sent);
  }
  template <class Ask>
  void compare(const char* peer, const Ask& ask) const {
    Scoreboard board(std::string(peer) + " over limbo and BetterTLS",
                     read_divergences("peers-" + std::string(peer) + ".txt"));
    for (const Case& one : all_cases()) {
      if (peer == std::string_view("certtool") && !one.at_any_time) {
        board.left_out(one.id, "certtool of Debian 12 knows no moment but now");
        continue;
      }
      const Outcome theirs = ask(one);
      const auto verdict =
          theirs.status == 0 ? Result<void>()
                             : Result<void>(Error{ErrorCode::operation_failed, theirs.output.substr(0, 300)});
      board.expect(one.id, test::run(question_for(peer, one.chain)).ok(), verdict);
    }
    board.finish();
  }
  /// Java's builder knows nothing of host names.
  static ChainCase question_for(std::string_view peer, ChainCase chain) {
    if (peer == "java") chain.name.reset();
    return chain;
  }
};

TEST_F(PeersTest, openssl_verify) {
  compare("openssl", [&](const Case& one) {
    const ChainCase& chain = one.chain;
    write_files(chain);
    std::string command = "openssl verify -no-CApath -no-CAstore -CAfile roots.pem -attime " +
                          std::to_string(seconds_of(chain.now)) + " -purpose " + purpose_of(chain, "ssl");
    if (!chain.intermediates.empty()) command += " -untrusted sent.pem";
    if (chain.name) {
      const auto name = ServerName::parse(*chain.name);
      const bool ip = name && name->kind() == ServerName::Kind::ip;
      command += std::string(ip ? " -verify_ip '" : " -verify_hostname '") + *chain.name + "'";
    }
    return run(command + " leaf.pem");
  });
}

std::string pem_of(std::string_view label, std::span<const std::string> ders) {
  std::string out;
  for (const std::string& der : ders) out += asn1::encode_pem(label, as_bytes(der));
  return out;
}

TEST_F(PeersTest, openssl_verify_pkits) {
  const std::vector<PkitsCase> cases = pkits_cases();
  if (cases.empty()) GTEST_SKIP() << "missing test data: x509/pkits (set BULLA_VECTORS to its folder)";
  Scoreboard board("openssl over PKITS", read_divergences("peers-openssl-pkits.txt"));
  for (const PkitsCase& one : cases) {
    const ChainCase& chain = one.chain;
    put("roots.pem", pem_of("CERTIFICATE", chain.roots));
    put("sent.pem", pem_of("CERTIFICATE", chain.intermediates));
    put("leaf.pem", pem_of("CERTIFICATE", {&chain.leaf, 1}));
    put("lists.pem", pem_of("X509 CRL", one.lists));
    std::string command = "openssl verify -no-CApath -no-CAstore -CAfile roots.pem -attime " +
                          std::to_string(seconds_of(chain.now)) +
                          " -crl_check_all -extended_crl -CRLfile lists.pem -policy_check";
    if (!chain.intermediates.empty()) command += " -untrusted sent.pem";
    if (chain.options.policies.required) command += " -explicit_policy";
    if (chain.options.policies.inhibit_mapping) command += " -inhibit_map";
    if (chain.options.policies.inhibit_any) command += " -inhibit_any";
    for (const std::string& policy : one.policies) command += " -policy " + policy;
    if (one.policies.empty()) command += " -policy 2.5.29.32.0";
    const Outcome theirs = run(command + " leaf.pem");
    board.expect(one.id, test::run(chain).ok(),
                 theirs.status == 0
                     ? Result<void>()
                     : Result<void>(Error{ErrorCode::operation_failed, theirs.output.substr(0, 300)}));
  }
  board.finish();
}

TEST_F(PeersTest, certtool_verify) {
  if (!has("certtool")) GTEST_SKIP() << "certtool is not installed";
  compare("certtool", [&](const Case& one) {
    const ChainCase& chain = one.chain;
    write_files(chain);
    std::string command =
        "certtool --verify --load-ca-certificate roots.pem --infile chain.pem --verify-purpose ";
    command += chain.purpose == CertificatePurpose::server ? server_auth : client_auth;
    if (chain.name) command += " --verify-hostname '" + *chain.name + "'";
    return run(command);
  });
}

TEST_F(PeersTest, java_pkix) {
  if (!has("java")) GTEST_SKIP() << "java is not installed";
  std::string questions;
  for (size_t i = 0; i < all_cases().size(); ++i) {
    const ChainCase& chain = all_cases()[i].chain;
    const std::string stem = std::to_string(i) + "-";
    write_files(chain, stem);
    questions += all_cases()[i].id + '\t' + path(stem + "roots.pem") + '\t' + path(stem + "chain.pem") +
                 '\t' + std::to_string(seconds_of(chain.now) * 1000) + "\t1.3.6.1.5.5.7.3." +
                 (chain.purpose == CertificatePurpose::server ? "1" : "2") + '\n';
  }
  put("questions", questions);
  std::istringstream answers(must("java " BULLA_SOURCE_DIR "/tests/x509/PathJudge.java questions"));
  std::map<std::string, std::string> verdicts;
  for (std::string line; std::getline(answers, line);) verdicts[line.substr(0, line.find('\t'))] = line;
  compare("java", [&](const Case& one) {
    const std::string& verdict = verdicts[one.id];
    return Outcome{.status = verdict.ends_with("\taccepted") ? 0 : 1, .output = verdict};
  });
}

}  // namespace
}  // namespace bulla::test
