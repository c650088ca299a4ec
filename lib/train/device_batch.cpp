#include "lib/train/device_batch.hpp"

#include <cassert>

#include "lib/nn/sinusoids.hpp"
#include "lib/xla/lower.hpp"

namespace diffusion {

std::vector<xla::Buffer> upload_batch(const BatchForm& form, const Batch& batch,
                                      xla::Client& client, int device) {
  using xla::Type;
  const nn::Dims& d = form.plan.images;
  assert(batch.x.dims() == d);
  std::vector<xla::Buffer> all;
  const auto upload = [&](const void* data, const xla::Shape& shape) {
    all.push_back(client.upload(data, shape, device));
  };
  upload(batch.x.data(), {Type::f32, {d.n, d.h, d.w, d.c}});
  upload(batch.target.data(), {Type::f32, {d.n, d.h, d.w, d.c}});
  for (const nn::SinusoidShape& shape : xla::sinusoids_of(form.graph))
    upload(nn::sinusoids(batch.timesteps, shape).data(), {Type::f32, {d.n, shape.channels}});
  if (form.plan.labels) upload(batch.labels.data(), {Type::s32, {d.n}});
  const std::uint32_t draws[] = {form.key[0], form.key[1], std::uint32_t(batch.first),
                                 std::uint32_t(batch.first >> 32)};
  upload(draws, {Type::u32, {4}});
  upload(loss_constants(form.plan.loss, form.objective, batch).data(),
         {Type::f32, {d.n, loss_constants_of(form.plan.loss)}});
  return all;
}

}  // namespace diffusion
