// Answering operations with a config's own services: one at a time, or many in one provider call.
#include "tls/schemes.h"

#include <bulla/config.h>

#include <algorithm>

namespace bulla {
namespace {

using Answers = std::span<Answer>;
using Operations = std::span<const Operation* const>;

/// Runs all requests of one kind as provider jobs, those for the same place in one call. `place_of` says who
/// does a request: a pointer, nullptr for a request that was refused before.
template <class Request, class Job, class PlaceOf, class Prepare, class Run, class Conclude>
void batch(Operations operations, Answers answers, PlaceOf place_of, Prepare prepare, Run run,
           Conclude conclude) {
  const auto request = [&](size_t i) { return std::get_if<Request>(&operations[i]->request); };
  std::vector<size_t> open;
  for (size_t i = 0; i < operations.size(); ++i)
    if (request(i) && place_of(*request(i))) open.push_back(i);
  while (!open.empty()) {
    const auto* const place = place_of(*request(open.front()));
    const auto rest =
        std::partition(open.begin(), open.end(), [&](size_t i) { return place_of(*request(i)) == place; });
    std::vector<Job> jobs;
    for (auto i = open.begin(); i != rest; ++i) jobs.push_back(prepare(*request(*i)));
    run(*place, std::span<Job>(jobs));
    for (size_t k = 0; k < jobs.size(); ++k) answers[open[k]] = conclude(std::move(jobs[k]));
    open.erase(open.begin(), rest);
  }
}

void agree_keys(Operations operations, const Services& services, Answers answers) {
  const auto group_of = [&](const auto& request) { return services.provider->group(request.group); };
  batch<GenerateShare, GenerateJob>(
      operations, answers, group_of, [](const GenerateShare&) { return GenerateJob{}; },
      [&](const GroupAlgorithm& group, std::span<GenerateJob> jobs) {
        group.generate(*services.random, jobs);
      },
      [](GenerateJob job) -> Answer {
        if (!job.ok) return Error{ErrorCode::internal, "a key share could not be made"};
        return KeyPair{std::move(job.private_key), std::move(job.share)};
      });
  batch<Encapsulate, EncapsulateJob>(
      operations, answers, group_of,
      [](const Encapsulate& r) {
        return EncapsulateJob{.peer_share = r.peer_share, .share = {}, .secret = {}};
      },
      [&](const GroupAlgorithm& group, std::span<EncapsulateJob> jobs) {
        group.encapsulate(*services.random, jobs);
      },
      [](EncapsulateJob job) -> Answer {
        if (!job.ok) return Error{ErrorCode::bad_key_share};
        return Encapsulated{std::move(job.share), std::move(job.secret)};
      });
  batch<Decapsulate, DecapsulateJob>(
      operations, answers, group_of,
      [](const Decapsulate& r) {
        return DecapsulateJob{.private_key = &r.private_key, .peer_share = r.peer_share, .secret = {}};
      },
      [](const GroupAlgorithm& group, std::span<DecapsulateJob> jobs) { group.decapsulate(jobs); },
      [](DecapsulateJob job) -> Answer {
        if (!job.ok) return Error{ErrorCode::bad_key_share};
        return SharedSecret{std::move(job.secret)};
      });
}

/// nullptr where nothing can sign.
const SigningKey* signer_of(const Sign& request) {
  return request.identity && tls::find_scheme(request.scheme) ? &request.identity->key() : nullptr;
}

void sign(Operations operations, const Services& services, Answers answers) {
  batch<Sign, SignJob>(
      operations, answers, signer_of,
      [](const Sign& r) { return SignJob{tls::find_scheme(r.scheme)->algorithm, r.message}; },
      [&](const SigningKey& key, std::span<SignJob> jobs) { key.sign(*services.random, jobs); },
      [](SignJob job) -> Answer {
        if (!job.ok) return Error{ErrorCode::operation_failed, "the private key did not sign"};
        return Signature{std::move(job.signature)};
      });
}

// The operations that are done one at a time, a function each. Of those that are not, what is refused.

Answer answer(const SelectIdentity& request, const Services& services) {
  return SelectedIdentity{services.select_identity ? services.select_identity(request) : nullptr};
}

Answer answer(const Sign& request, const Services&) {
  if (!signer_of(request)) return Error{ErrorCode::operation_failed, "nothing to sign with"};
  return Error{ErrorCode::operation_failed};  // sign() answers it
}

template <class Request>
  requires requires(Request r) { r.group; }
Answer answer(const Request& request, const Services& services) {
  if (!services.provider->group(request.group))
    return Error{ErrorCode::internal, "no provider for " + name_of(request.group)};
  return Error{ErrorCode::operation_failed};  // agree_keys() answers it
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

}  // namespace

void perform_batch(std::span<const Operation* const> operations, const Services& services,
                   std::span<Answer> answers) {
  for (size_t i = 0; i < operations.size(); ++i)
    answers[i] =
        std::visit([&](const auto& request) { return answer(request, services); }, operations[i]->request);
  agree_keys(operations, services, answers);
  sign(operations, services, answers);
}

size_t lanes_of(const Operation& operation, const Services& services) {
  return std::visit(
      [&]<class Request>(const Request& request) -> size_t {
        if constexpr (requires { request.group; }) {
          const GroupAlgorithm* const group = services.provider->group(request.group);
          return group ? group->lanes : 1;
        } else if constexpr (std::is_same_v<Request, Sign>) {
          const SigningKey* const key = signer_of(request);
          return key ? key->lanes() : 1;
        } else {
          return 1;
        }
      },
      operation.request);
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
