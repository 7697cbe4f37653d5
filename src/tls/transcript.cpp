#include "tls/transcript.h"

#include "base/assert.h"

#include <bulla/tls_types.h>

namespace bulla::tls {

void Transcript::add(Bytes message) {
  if (hash_) hash_->update(message);
  if (!hash_ || keep_) messages_.insert(messages_.end(), message.begin(), message.end());
}

void Transcript::start(const HashAlgorithm& hash) {
  BULLA_ASSERT(!hash_, "the transcript's hash is chosen once");
  hash_.emplace(hash);
  hash_->update(messages_);
  if (!keep_) forget_messages();
}

void Transcript::replace_by_message_hash() {
  const Digest hello = digest();
  const Bytes digest = hello;
  const uint8_t header[4] = {static_cast<uint8_t>(HandshakeType::message_hash), 0, 0,
                             static_cast<uint8_t>(digest.size())};
  hash_.emplace(hash_->algorithm());
  hash_->update(header);
  hash_->update(digest);
}

Digest Transcript::digest() const noexcept {
  BULLA_ASSERT(hash_, "the transcript's hash is not chosen yet");
  Digest digest(hash_->algorithm().digest_size);
  hash_->digest_with({}, digest.writable());
  return digest;
}

Digest Transcript::digest_with(Bytes partial) const {
  BULLA_ASSERT(hash_, "the transcript's hash is not chosen yet");
  HashContext fork = *hash_;
  fork.update(partial);
  Digest digest(hash_->algorithm().digest_size);
  fork.finish(digest.writable());
  return digest;
}

Digest Transcript::digest_with(const HashAlgorithm& hash, Bytes partial) const {
  if (hash_ && &hash_->algorithm() == &hash) return digest_with(partial);
  HashContext fresh(hash);
  fresh.update(messages_);
  fresh.update(partial);
  Digest digest(hash.digest_size);
  fresh.finish(digest.writable());
  return digest;
}

void Transcript::forget_messages() noexcept {
  keep_ = false;
  messages_ = std::vector<uint8_t>();  // not {}, which keeps the memory
}

}  // namespace bulla::tls
