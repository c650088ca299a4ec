#include "lib/nn/attention.hpp"

#include <algorithm>
#include <atomic>
#include <cassert>

#include "lib/base/parallel.hpp"
#include "lib/kernels/kernels.hpp"

namespace diffusion::nn {
namespace {

using kernel::Head, kernel::Parts, kernel::Softmax, kernel::Strided;

/// Calls body(n, h, scratch) for each head of each image. Scratch is taken here,
/// one piece a thread, so that how many pieces there are depends on no timing.
template <class Body>
void for_each_head(std::int64_t images, std::int64_t heads, std::int64_t scratch_floats,
                   Body&& body) {
  const std::int64_t tasks = images * heads, team = std::min<std::int64_t>(threads(), tasks);
  const Tensor scratch(Dims{team, 1, 1, kernel::whole(scratch_floats, 16)});
  std::atomic<std::int64_t> next = 0;
  parallel_for(std::size_t(team), [&](std::size_t worker) {
    float* const own = scratch.as<float>() + std::int64_t(worker) * scratch.dims().c;
    for (std::int64_t task; (task = next++) < tasks;) body(task / heads, task % heads, own);
  });
}

/// Where a head begins.
struct Place {
  const Head& head;
  std::int64_t n, h;

  template <class T>
  T* in(const Tensor& x) const {
    return x.as<T>() + n * head.tokens * x.dims().c + h * head.size;
  }
  template <class T>
  Strided<T> of(const Tensor& x) const {
    return {in<T>(x), head.channels};
  }
  template <class T>
  Parts<T> parts(const Tensor& qkv) const {
    return Parts<T>::of(in<T>(qkv), head.channels);
  }
  /// `kept` is N x heads x 2 x lane_tokens.
  Softmax softmax(const Tensor& kept) const {
    const std::int64_t each = kept.dims().c;
    float* const peak = kept.as<float>() + (n * kept.dims().h + h) * 2 * each;
    return {peak, peak + each};
  }
};

template <class T>
Parts<const T> constant(const Parts<T>& p) {
  return {{p.q.data, p.q.stride}, {p.k.data, p.k.stride}, {p.v.data, p.v.stride}};
}

Head head_of(const Dims& qkv, std::int64_t heads) {
  assert(qkv.c % (3 * heads) == 0);
  return {qkv.h * qkv.w, qkv.c / (3 * heads), qkv.c / 3};
}

}  // namespace

Tensor attend(const Tensor& qkv, std::int64_t heads, Tape* tape) {
  const Dims d = qkv.dims();
  const Head head = head_of(d, heads);
  const Tensor y(Dims{d.n, d.h, d.w, head.channels}, qkv.dtype());
  const Tensor kept(Dims{d.n, heads, 2, head.lane_tokens()});
  with_type(qkv.dtype(), [&]<class T>(T) {
    const kernel::Attention<T>& attention = kernels().of<T>().attention;
    for_each_head(d.n, heads, attention.forward_floats(head),
                  [&](std::int64_t n, std::int64_t h, float* scratch) {
                    const Place at{head, n, h};
                    attention.forward(
                        head, {constant(at.parts<T>(qkv)), at.of<T>(y), at.softmax(kept)}, scratch);
                  });
  });
  if (tape)
    for (const Tensor& tensor : {qkv, y, kept}) tape->push(tensor);
  return y;
}

Tensor attend_backward(const Tensor& dy, std::int64_t heads, Tape& tape) {
  const Tensor kept = tape.pop(), y = tape.pop(), qkv = tape.pop();
  const Dims d = qkv.dims();
  const Head head = head_of(d, heads);
  const Tensor dqkv(d, qkv.dtype());
  with_type(qkv.dtype(), [&]<class T>(T) {
    const kernel::Attention<T>& attention = kernels().of<T>().attention;
    for_each_head(d.n, heads, attention.backward_floats(head),
                  [&](std::int64_t n, std::int64_t h, float* scratch) {
                    const Place at{head, n, h};
                    const Strided<T> result = at.of<T>(y), above = at.of<T>(dy);
                    attention.backward(head,
                                       {constant(at.parts<T>(qkv)),
                                        {result.data, result.stride},
                                        {above.data, above.stride},
                                        at.softmax(kept),
                                        at.parts<T>(dqkv)},
                                       scratch);
                  });
  });
  return dqkv;
}

}  // namespace diffusion::nn
