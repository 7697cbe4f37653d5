// Key agreement: curves, ML-KEM and both together; HPKE.
#include "base/ct.h"
#include "constant_time/derived.h"
#include "constant_time/run.h"
#include "crypto/hpke/hpke.h"
#include "crypto/hybrid/join.h"
#include "crypto/ml_kem/ml_kem.h"

namespace bulla::constant_time {
namespace {

/// The three calls of a group, whichever way it is reached.
struct Group {
  void (*generate)(Run& run, std::span<GenerateJob> jobs);
  void (*encapsulate)(Run& run, std::span<EncapsulateJob> jobs);
  void (*decapsulate)(Run& run, std::span<DecapsulateJob> jobs);
  const char* share_is_public;  ///< why ct::declassify is called for an initiator's share
  const char* reply_is_public;  ///< and a responder's
  // What each call derives from the secrets that it is given, or will draw.
  void (*tell_generate)(Run& run);
  void (*tell_encapsulate)(Run& run, Bytes share);
  void (*tell_decapsulate)(Run& run, Bytes key, Bytes reply);
};

constexpr const char *public_key = "a public key", *encapsulation_key = "an encapsulation key is public",
                     *ciphertext = "a ciphertext is public";

template <NamedGroup id>
constexpr Group of_provider = {
    [](Run& run, std::span<GenerateJob> jobs) { run.provider().group(id)->generate(run.random(), jobs); },
    [](Run& run, std::span<EncapsulateJob> jobs) {
      run.provider().group(id)->encapsulate(run.random(), jobs);
    },
    [](Run& run, std::span<DecapsulateJob> jobs) { run.provider().group(id)->decapsulate(jobs); },
    public_key,
    public_key,
    [](Run& run) { tell_agreement(run, id, {}, {}); },
    [](Run& run, Bytes share) { tell_agreement(run, id, {}, share); },
    [](Run& run, Bytes key, Bytes reply) { tell_agreement(run, id, key, reply); }};

template <auto kernels>
const GroupAlgorithm& picked() {
  return *crypto::pick(kernels(), crypto::cpu_word()).algorithm;
}
template <auto kernels, uint8_t rank>
constexpr Group of_table = {
    [](Run& run, std::span<GenerateJob> jobs) { picked<kernels>().generate(run.random(), jobs); },
    [](Run& run, std::span<EncapsulateJob> jobs) { picked<kernels>().encapsulate(run.random(), jobs); },
    [](Run&, std::span<DecapsulateJob> jobs) { picked<kernels>().decapsulate(jobs); },
    encapsulation_key,
    ciphertext,
    [](Run& run) { tell_next_ml_kem_key(run, rank); },
    tell_next_encapsulation,
    [](Run&, Bytes, Bytes) {}};  // it derives what encapsulating did

crypto::hybrid::Halves halves_of(const Run& run) {
  return {&picked<crypto::ml_kem_768_kernels>(), run.provider().group(NamedGroup::x25519)};
}
constexpr Group of_hybrid = {
    [](Run& run, std::span<GenerateJob> jobs) {
      crypto::hybrid::generate(halves_of(run), run.random(), jobs);
    },
    [](Run& run, std::span<EncapsulateJob> jobs) {
      crypto::hybrid::encapsulate(halves_of(run), run.random(), jobs);
    },
    [](Run& run, std::span<DecapsulateJob> jobs) { crypto::hybrid::decapsulate(halves_of(run), jobs); },
    public_key, public_key,
    // ML-KEM draws first: 64 bytes for a key, 32 for a secret.
    [](Run& run) {
      tell_next_ml_kem_key(run, 3);
      tell_agreement(run, NamedGroup::x25519, run.foreseen(96).reveal().last(32), {});
    },
    [](Run& run, Bytes share) {
      tell_next_encapsulation(run, share.first(share.size() - 32));
      tell_agreement(run, NamedGroup::x25519, run.foreseen(64).reveal().last(32), share.last(32));
    },
    [](Run& run, Bytes key, Bytes reply) {
      tell_agreement(run, NamedGroup::x25519, key.last(32), reply.last(32));
    }};

GenerateJob generated(Run& run, const Group& group) {
  GenerateJob job;
  group.tell_generate(run);
  group.generate(run, {&job, 1});
  run.expect(job.ok, "a key pair is made");
  return job;
}

EncapsulateJob answered(Run& run, const Group& group, const GenerateJob& initiator) {
  EncapsulateJob job{.peer_share = initiator.share};
  group.tell_encapsulate(run, initiator.share);
  group.encapsulate(run, {&job, 1});
  run.expect(job.ok, "a share is answered");
  return job;
}

template <const Group& group>
void generate(Run& run) {
  run.before_public(group.share_is_public);
  const GenerateJob job = generated(run, group);
  run.made_public(job.share);
}

template <const Group& group>
void encapsulate(Run& run) {
  const GenerateJob initiator = generated(run, group);
  run.before_public(group.reply_is_public);
  const EncapsulateJob job = answered(run, group, initiator);
  run.made_public(job.share);
  run.stays_secret(job.secret.reveal());
}

template <const Group& group>
void decapsulate(Run& run) {
  const GenerateJob initiator = generated(run, group);
  const EncapsulateJob responder = answered(run, group, initiator);
  DecapsulateJob job{.private_key = &initiator.private_key, .peer_share = responder.share};
  group.tell_decapsulate(run, initiator.private_key.reveal(), responder.share);
  group.decapsulate(run, {&job, 1});
  run.expect(job.ok, "an answer is taken");
  run.stays_secret(job.secret.reveal());
  const uint8_t same = ct::equal(job.secret.reveal(), responder.secret.reveal());
  run.expect(same, "both sides agree");
}

/// FIPS 203 §6.3: a ciphertext that was made for nobody gives a secret of its own, in the same time.
template <const Group& group>
void reject(Run& run) {
  const GenerateJob initiator = generated(run, group);
  EncapsulateJob responder = answered(run, group, initiator);
  responder.share[100] ^= 1;
  DecapsulateJob job{.private_key = &initiator.private_key, .peer_share = responder.share};
  group.decapsulate(run, {&job, 1});
  run.expect(job.ok, "a wrong ciphertext is no error");
  run.stays_secret(job.secret.reveal());
  run.expect(!ct::equal(job.secret.reveal(), responder.secret.reveal()), "a wrong ciphertext is rejected");
}

/// The private key as a seed, from which each use computes it anew.
template <const Group& group>
void decapsulate_by_seed(Run& run) {
  const GenerateJob other = generated(run, group);
  const EncapsulateJob responder = answered(run, group, other);
  group.tell_generate(run);
  const SecretBytes seed = run.secret(crypto::ml_kem_seed_size);
  DecapsulateJob job{.private_key = &seed, .peer_share = responder.share};
  group.decapsulate(run, {&job, 1});
  run.expect(job.ok, "a seed is a key");
  run.stays_secret(job.secret.reveal());
}

/// Several jobs in one call, which a kernel may compute side by side.
template <const Group& group>
void batch(Run& run) {
  constexpr size_t count = 3;
  std::vector<GenerateJob> initiators(count);
  run.before_public(group.share_is_public);
  group.generate(run, initiators);
  run.made_public(initiators[0].share);
  std::vector<EncapsulateJob> responders(count);
  for (size_t i = 0; i < count; ++i) responders[i].peer_share = initiators[i].share;
  group.encapsulate(run, responders);
  std::vector<DecapsulateJob> jobs(count);
  for (size_t i = 0; i < count; ++i) {
    jobs[i].private_key = &initiators[i].private_key;
    jobs[i].peer_share = responders[i].share;
    group.tell_decapsulate(run, initiators[i].private_key.reveal(), responders[i].share);
  }
  group.decapsulate(run, jobs);
  for (size_t i = 0; i < count; ++i) {
    run.expect(jobs[i].ok, "an answer is taken");
    run.stays_secret(jobs[i].secret.reveal());
  }
}

template <const Group& group>
constexpr Operation curve[] = {
    {"generate", generate<group>}, {"encapsulate", encapsulate<group>}, {"decapsulate", decapsulate<group>}};
template <const Group& group>
constexpr Operation curve_in_lanes[] = {{"generate", generate<group>},
                                        {"encapsulate", encapsulate<group>},
                                        {"decapsulate", decapsulate<group>},
                                        {"batch", batch<group>}};
template <const Group& group>
constexpr Operation lattice[] = {{"generate", generate<group>},
                                 {"encapsulate", encapsulate<group>},
                                 {"decapsulate", decapsulate<group>},
                                 {"reject", reject<group>},
                                 {"decapsulate_by_seed", decapsulate_by_seed<group>}};

using namespace crypto::hpke;

template <const Suite& suite>
void hpke_message(Run& run) {
  constexpr uint8_t info[] = {1, 2, 3};
  const auto keys = crypto::hpke::generate(run.provider(), suite.kem, run.random());
  run.expect(keys.has_value(), "a key pair is made");
  auto sender = Sender::setup(run.provider(), suite, keys->public_key, info, run.random());
  run.expect(sender.has_value(), "a sender is set up");
  const SecretBytes text = run.secret(100);
  const auto message = sender->seal(info, text.reveal());
  run.expect(message.has_value(), "a message is sealed");
  auto recipient = Recipient::setup(run.provider(), suite, *keys, sender->encapsulated_key(), info);
  run.expect(recipient.has_value(), "a recipient is set up");
  auto opened = recipient->open(info, *message);
  run.expect(opened.has_value(), "a message is opened");
  run.stays_secret(*opened);
  wipe(*opened);
  const auto exported = recipient->export_secret(info, 40);
  run.stays_secret(exported->reveal());
}

constexpr Suite of_x25519 = {Kem::dhkem_x25519_hkdf_sha256, Kdf::hkdf_sha256, Aead::chacha20_poly1305},
                of_p256 = {Kem::dhkem_p256_hkdf_sha256, Kdf::hkdf_sha256, Aead::aes_128_gcm};
constexpr Operation hpke[] = {{"message_x25519", hpke_message<of_x25519>},
                              {"message_p256", hpke_message<of_p256>}};

}  // namespace

std::span<const Operation> group_operations(NamedGroup id) noexcept {
  switch (id) {
    case NamedGroup::x25519: return curve_in_lanes<of_provider<NamedGroup::x25519>>;
    case NamedGroup::secp256r1: return curve_in_lanes<of_provider<NamedGroup::secp256r1>>;
    case NamedGroup::secp384r1: return curve<of_provider<NamedGroup::secp384r1>>;
    case NamedGroup::secp521r1: return curve<of_provider<NamedGroup::secp521r1>>;
    default: return {};
  }
}

std::span<const Operation> ml_kem_768_operations() noexcept {
  return lattice<of_table<crypto::ml_kem_768_kernels, 3>>;
}
std::span<const Operation> ml_kem_1024_operations() noexcept {
  return lattice<of_table<crypto::ml_kem_1024_kernels, 4>>;
}
std::span<const Operation> hybrid_operations() noexcept {
  return curve<of_hybrid>;
}
std::span<const Operation> hpke_operations() noexcept {
  return hpke;
}

}  // namespace bulla::constant_time
