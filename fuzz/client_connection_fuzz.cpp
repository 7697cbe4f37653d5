// A client against arbitrary bytes, over a provider whose tags, signatures and Finished values are always
// right: the input gets as deep as its messages are well-formed. First byte: configuration; second: how many
// bytes at a time.
#include "support/fake_engine.h"

using namespace bulla;
using namespace bulla::test;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const FakeChoice choice(data[0]);
  Connection client = fake_client(choice);
  (void)drive(client, choice, {data + 2, size - 2}, data[1]);
  return 0;
}
