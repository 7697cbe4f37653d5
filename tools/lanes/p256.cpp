// The record of what src/crypto/p256/ifma_field.h does, for tools/prove_lanes.py. A line of the record ends
// with what types say: bounds of the operands and of the result.
#include "crypto/p256/ifma_field.h"
#include "driver.h"

#include <utility>

namespace bulla::crypto::p256 {
namespace {

using recorder::number, recorder::Word;

Lanes input(const char* name, size_t i) {
  return recorder::all<8>(recorder::input(name, i));
}
template <unsigned k>
void output(const Element<k>& a) {
  recorder::output_limbs("element", a);
  recorder::output("bounds", 0, 0), recorder::output("bounds", 1, k);
  recorder::end();
}
template <unsigned l, unsigned h>
void output(const Loose<l, h>& a) {
  recorder::output_limbs("loose", a);
  recorder::output("bounds", 0, l), recorder::output("bounds", 1, h);
  recorder::end();
}

template <unsigned j, unsigned k>
void product() {
  recorder::begin("product", j, k);
  output(number<Element<j>>("a") * number<Element<k>>("b"));
}
template <unsigned k>
void of_elements() {
  recorder::begin("square", k, k);
  output(square(number<Element<k>>("a")));
  recorder::begin("loose", k);
  output(loose(number<Element<k>>("a")));
  recorder::begin("at_most", k);
  output(at_most<16>(number<Element<k>>("a")));
  for (unsigned mask : {0x00, 0xff}) {
    recorder::begin("negated", k, mask);
    output(negated(static_cast<__mmask8>(mask), number<Element<k>>("a")));
    recorder::begin("blend", k, mask);
    output(blend(static_cast<__mmask8>(mask), number<Element<k>>("a"), number<Element<3>>("b")));
  }
  recorder::begin("store", k);
  Words out;
  store_number(number<Element<k>>("a"), out);
  for (size_t i = 0; i < 4; ++i) recorder::output("word", i, out.word[i][0]);
  recorder::end();
}

template <unsigned l, unsigned h>
void of_loose() {
  if constexpr (l + h <= 16) {
    recorder::begin("carry", l, h);
    output(carry(number<Loose<l, h>>("a")));
    recorder::begin("doubled", l, h, 1);
    output(doubled<1>(number<Loose<l, h>>("a")));
  }
  if constexpr (l + h <= 8) {
    recorder::begin("doubled", l, h, 2);
    output(doubled<2>(number<Loose<l, h>>("a")));
  }
  if constexpr (l + h <= 4) {
    recorder::begin("doubled", l, h, 3);
    output(doubled<3>(number<Loose<l, h>>("a")));
  }
  recorder::begin("reduce", l, h);
  output(reduce(number<Loose<l, h>>("a")));
}
template <unsigned a, unsigned b, unsigned c, unsigned d>
void of_two() {
  recorder::begin("sum", a, b, c, d);
  output(number<Loose<a, b>>("a") + number<Loose<c, d>>("b"));
  recorder::begin("difference", a, b, c, d);
  output(number<Loose<a, b>>("a") - number<Loose<c, d>>("b"));
}

template <unsigned... k>
void products(std::integer_sequence<unsigned, k...>) {
  const auto row = []<unsigned j>(std::integral_constant<unsigned, j>) { (product<j, k>(), ...); };
  (row(std::integral_constant<unsigned, k>()), ...);
  (of_elements<k>(), ...);
}
/// Bounds small and large, of both sides and of one: what the functions do does not depend on them.
void sums_and_carries() {
  of_loose<0, 1>(), of_loose<1, 0>(), of_loose<1, 3>(), of_loose<5, 3>(), of_loose<0, 16>(),
      of_loose<16, 0>();
  of_loose<7, 9>(), of_loose<0, 32>(), of_loose<32, 0>(), of_loose<15, 17>();
  of_two<1, 2, 4, 8>(), of_two<8, 4, 2, 1>(), of_two<0, 1, 0, 31>(), of_two<31, 0, 1, 0>();
  of_two<0, 16, 16, 0>(), of_two<9, 7, 7, 9>();
}
/// What the types of all products say.
template <unsigned... k>
void bounds(std::integer_sequence<unsigned, k...>) {
  const auto row = []<unsigned j>(std::integral_constant<unsigned, j>) {
    ((recorder::begin("bound", j, k + 1), output(Loose<0, bound_of_product(j, k + 1)>())), ...);
  };
  (row(std::integral_constant<unsigned, k + 1>()), ...);
}

void words_and_constants() {
  recorder::begin("from_words");
  output(from_words(input("word", 0), input("word", 1), input("word", 2), input("word", 3)));
  recorder::begin("load");
  Words words;
  for (size_t i = 0; i < 4; ++i) {
    const Lanes lanes = input("word", i);
    std::memcpy(words.word[i], lanes.lane, sizeof lanes.lane);
  }
  output(load(words));
  recorder::begin("one");
  output(one());
  recorder::begin("r2");
  output(constant(r2_mod_p));
  recorder::begin("some_constant");  // whose digits are of all words
  output(constant({0xfedcba9876543210, 0x0123456789abcdef, 0x8badf00ddeadbeef, 0x0f1e2d3c4b5a6978}));
}

// What has no bounds that hold must not compile.
using recorder::CanAdd, recorder::CanMultiply, recorder::CanSubtract;
template <class A>
concept CanCarry = requires(A a) { carry(a); };
static_assert(!CanMultiply<Loose<0, 1>, Element<1>> && !CanMultiply<Loose<0, 1>, Loose<0, 1>>);
static_assert(CanAdd<Loose<0, 16>, Loose<0, 16>> && !CanAdd<Loose<0, 16>, Loose<0, 17>>);
static_assert(CanSubtract<Loose<1, 15>, Loose<0, 16>> && !CanSubtract<Loose<1, 16>, Loose<0, 16>>);
static_assert(CanCarry<Loose<8, 8>> && !CanCarry<Loose<8, 9>>);

}  // namespace
}  // namespace bulla::crypto::p256

int main() {
  using namespace bulla::crypto::p256;
  products(std::integer_sequence<unsigned, 1, 3, 16>());
  sums_and_carries();
  bounds(std::make_integer_sequence<unsigned, 16>());
  words_and_constants();
}
