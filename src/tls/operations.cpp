// Answering operations with a config's own services: one at a time, or many in one provider call.
#include "tls/schemes.h"

#include <bulla/config.h>

#include <algorithm>

namespace bulla {
namespace {

using Answers = std::span<Answer>;
using Operations = std::span<const Operation* const>;

/// Runs `request` of every operation of its kind as one batch of provider jobs.
template <class Request, class Job, class Prepare, class Run, class Conclude>
void batch(Operations operations, Answers answers, Prepare prepare, Run run, Conclude conclude) {
  std::vector<bool> done(operations.size());
  for (size_t i = 0; i < operations.size(); ++i) {
    const auto* first = std::get_if<Request>(&operations[i]->request);
    if (!first || done[i]) continue;
    std::vector<Job> jobs;
    std::vector<size_t> of;
    for (size_t k = i; k < operations.size(); ++k) {
      const auto* request = std::get_if<Request>(&operations[k]->request);
      if (!request || request->group != first->group) continue;
      jobs.push_back(prepare(*request));
      of.push_back(k);
      done[k] = true;
    }
    run(first->group, std::span<Job>(jobs));
    for (size_t k = 0; k < jobs.size(); ++k) answers[of[k]] = conclude(std::move(jobs[k]));
  }
}

Error no_group(NamedGroup group) {
  return Error{ErrorCode::internal, "no provider for " + name_of(group)};
}

void agree_keys(Operations operations, const Services& services, Answers answers) {
  const auto with_group = [&](NamedGroup id, auto&& call) {
    if (const GroupAlgorithm* group = services.provider->group(id)) call(*group);
  };
  batch<GenerateShare, GenerateJob>(
      operations, answers, [](const GenerateShare&) { return GenerateJob{}; },
      [&](NamedGroup id, std::span<GenerateJob> jobs) {
        with_group(id, [&](const GroupAlgorithm& group) { group.generate(*services.random, jobs); });
      },
      [](GenerateJob job) -> Answer {
        if (!job.ok) return Error{ErrorCode::internal, "a key share could not be made"};
        return KeyPair{std::move(job.private_key), std::move(job.share)};
      });
  batch<Encapsulate, EncapsulateJob>(
      operations, answers,
      [](const Encapsulate& r) {
        return EncapsulateJob{.peer_share = r.peer_share, .share = {}, .secret = {}};
      },
      [&](NamedGroup id, std::span<EncapsulateJob> jobs) {
        with_group(id, [&](const GroupAlgorithm& group) { group.encapsulate(*services.random, jobs); });
      },
      [](EncapsulateJob job) -> Answer {
        if (!job.ok) return Error{ErrorCode::bad_key_share};
        return Encapsulated{std::move(job.share), std::move(job.secret)};
      });
  batch<Decapsulate, DecapsulateJob>(
      operations, answers,
      [](const Decapsulate& r) {
        return DecapsulateJob{.private_key = &r.private_key, .peer_share = r.peer_share, .secret = {}};
      },
      [&](NamedGroup id, std::span<DecapsulateJob> jobs) {
        with_group(id, [&](const GroupAlgorithm& group) { group.decapsulate(jobs); });
      },
      [](DecapsulateJob job) -> Answer {
        if (!job.ok) return Error{ErrorCode::bad_key_share};
        return SharedSecret{std::move(job.secret)};
      });
}

// The operations that are not key agreements, one function each.

Answer answer(const SelectIdentity& request, const Services& services) {
  return SelectedIdentity{services.select_identity ? services.select_identity(request) : nullptr};
}

Answer answer(const Sign& request, const Services& services) {
  const tls::Scheme* scheme = tls::find_scheme(request.scheme);
  if (!request.identity || !scheme) return Error{ErrorCode::operation_failed, "nothing to sign with"};
  SignJob job{scheme->algorithm, request.message};
  request.identity->key().sign(*services.random, {&job, 1});
  if (!job.ok) return Error{ErrorCode::operation_failed, "the private key did not sign"};
  return Signature{std::move(job.signature)};
}

Answer answer(const VerifySignature& request, const Services& services) {
  auto verified = verify_handshake_signature(*services.provider, request);
  if (!verified) return std::move(verified).error();
  return *std::move(verified);
}

Answer answer(const VerifyChain& request, const Services& services) {
  if (!services.verifier) return Error{ErrorCode::internal, "a certificate came, but there is no verifier"};
  auto verified = services.verifier->verify({.chain = request.chain,
                                             .name = request.name ? &*request.name : nullptr,
                                             .purpose = request.purpose,
                                             .now = request.now,
                                             .ocsp_response = request.ocsp_response,
                                             .stapling = request.stapling});
  if (!verified) return std::move(verified).error();
  return *std::move(verified);
}

Answer answer(const SealTicket& request, const Services& services) {
  if (!services.tickets || request.state.empty()) return Ticket{};
  return Ticket{services.tickets->seal(request.state.reveal(), request.now)};
}

Answer answer(const OpenTicket& request, const Services& services) {
  return SessionState{services.tickets ? services.tickets->open(request.ticket, request.now) : std::nullopt};
}

Answer answer(const LookupSession& request, const Services& services) {
  return SessionState{services.session_cache ? services.session_cache->find(request.session_id, request.now)
                                             : std::nullopt};
}

template <class T>
constexpr bool is_key_agreement =
    std::is_same_v<T, GenerateShare> || std::is_same_v<T, Encapsulate> || std::is_same_v<T, Decapsulate>;

}  // namespace

void perform_batch(std::span<const Operation* const> operations, const Services& services,
                   std::span<Answer> answers) {
  for (size_t i = 0; i < operations.size(); ++i) {
    answers[i] = std::visit(
        [&]<class T>(const T& request) -> Answer {
          if constexpr (is_key_agreement<T>) {
            if (!services.provider->group(request.group)) return no_group(request.group);
            return SharedSecret{};  // filled in below
          } else {
            return answer(request, services);
          }
        },
        operations[i]->request);
  }
  agree_keys(operations, services, answers);
}

Answer perform(const Operation& operation, const Services& services) {
  const Operation* one = &operation;
  Answer answer = SharedSecret{};
  perform_batch({&one, 1}, services, {&answer, 1});
  return answer;
}

std::string name_of(OperationKind kind) {
  static constexpr std::string_view names[] = {
      "generate_share",   "encapsulate",  "decapsulate", "select_identity", "sign",
      "verify_signature", "verify_chain", "seal_ticket", "open_ticket",     "lookup_session",
  };
  const auto index = static_cast<size_t>(kind);
  return std::string(index < std::size(names) ? names[index] : "unknown");
}

}  // namespace bulla
