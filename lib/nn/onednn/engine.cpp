#include "lib/nn/onednn/engine.hpp"

namespace diffusion::nn::onednn {

dnnl::engine& engine() {
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

Tensor buffer_for(const dnnl::memory::desc& desc) {
  const auto floats = std::int64_t((desc.get_size() + 3) / 4);
  return Tensor(Dims{1, 1, 1, floats});
}

}  // namespace diffusion::nn::onednn
