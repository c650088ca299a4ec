#include "lib/nn/onednn/engine.hpp"

#include "lib/base/instruction_set.hpp"
#include "lib/nn/onednn/convolution.hpp"

namespace diffusion::nn::onednn {
namespace {

/// DIFFUSION_ISA caps oneDNN's kernels too (from SSE4.1 up, or else plain loops). Without a cap
/// oneDNN uses all that the processor has, even beyond our levels (AMX). The cap must come before
/// oneDNN's first use, which fixes its choice.
void cap() {
  constexpr dnnl::cpu_isa most[instruction_sets] = {dnnl::cpu_isa::sse41, dnnl::cpu_isa::avx2,
                                                    dnnl::cpu_isa::avx512_core,
                                                    dnnl::cpu_isa::avx512_core_bf16};
  static const bool capped = [&] {
    const auto level = instruction_set_asked_for();
    return level && dnnl::set_max_cpu_isa(most[int(*level)]) == dnnl::status::success;
  }();
  static_cast<void>(capped);
}

}  // namespace

bool has_products_of(DType type) {
  cap();
  return type == DType::float32 || dnnl::get_effective_cpu_isa() >= dnnl::cpu_isa::avx512_core;
}

dnnl::engine& engine() {
  cap();
  static dnnl::engine instance(dnnl::engine::kind::cpu, 0);
  return instance;
}

dnnl::stream& stream() {
  static dnnl::stream instance(engine());
  return instance;
}

dnnl::memory::data_type data_type(DType type) {
  return type == DType::float32 ? dnnl::memory::data_type::f32 : dnnl::memory::data_type::bf16;
}

dnnl::memory::desc channel_last(const Dims& d, DType type) {
  // One channel is the same bytes either way, and oneDNN's first-layer kernels
  // know only the other name.
  const auto tag = d.c == 1 ? dnnl::memory::format_tag::nchw : dnnl::memory::format_tag::nhwc;
  return {{d.n, d.c, d.h, d.w}, data_type(type), tag};
}

dnnl::memory view(const dnnl::memory::desc& desc, const Tensor& tensor) {
  return {desc, engine(), tensor.data()};
}

std::int64_t floats_for(const dnnl::memory::desc& desc) {
  return std::int64_t((desc.get_size() + 3) / 4);
}

}  // namespace diffusion::nn::onednn
