#include "lib/models/pieces.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "lib/base/parallel.hpp"

namespace diffusion {
namespace {

// More than one, so that a thread that is held up leaves its share to others; few images in
// each, so that what a layer makes is still in the cache when the next one reads it.
constexpr std::size_t pieces_a_thread = 4, most_images = 8;
constexpr double worth_sharing = 0.01;  // seconds

std::size_t bytes_of(const nn::Tensor& x) { return x.count() * bytes_per_element(x.dtype()); }

std::byte* bytes(const nn::Tensor& x) { return static_cast<std::byte*>(x.data()); }

/// oneDNN makes its primitives anew for each size, so that equal pieces are best.
std::size_t images_in_a_piece(std::size_t images, std::size_t team) {
  const std::size_t most =
      std::clamp(images / (pieces_a_thread * team), std::size_t(1), most_images);
  for (std::size_t count = most; count > most / 2; --count)
    if (images % count == 0) return count;
  return most;
}

}  // namespace

Division Divider::divide(std::size_t images) {
  const auto team = std::size_t(threads());
  if (images < team && share()) return {{{0, images}}, true};
  const std::size_t each = images_in_a_piece(images, team);
  Division division;
  for (std::size_t first = 0; first < images; first += each)
    division.pieces.push_back({first, std::min(each, images - first)});
  return division;
}

bool Divider::share() {
  const std::lock_guard lock(mutex_);
  return until_trial_ <= 0 && alone_ > worth_sharing;
}

void Divider::run(const Division& division,
                  const std::function<void(std::size_t, const Range&)>& body) {
  const auto began = std::chrono::steady_clock::now();
  if (division.shared)
    body(0, division.pieces.front());
  else
    parallel_for(division.pieces.size(), [&](std::size_t i) {
      const OneThread alone;  // where there is a single piece, too
      body(i, division.pieces[i]);
    });
  record(division.shared,
         std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
}

void Divider::record(bool shared, double seconds) {
  const std::lock_guard lock(mutex_);
  if (!shared) {
    alone_ = seconds;
    --until_trial_;
  } else if (to_warm_up_ > 0) {
    --to_warm_up_;  // it made primitives
  } else if (seconds > alone_) {
    patience_ = std::min(4 * patience_, 1 << 20);
    until_trial_ = patience_;
  }
}

Division division_for(const Network& network, Divider& divider, std::size_t images) {
  if (network.takes_whole_batches()) return {{{0, images}}, true};
  return divider.divide(images);
}

nn::Tensor images_of(const nn::Tensor& batch, const Range& piece) {
  nn::Dims dims = batch.dims();
  if (piece.count == std::size_t(dims.n)) return batch;
  const std::size_t each = bytes_of(batch) / std::size_t(dims.n);
  dims.n = std::int64_t(piece.count);
  nn::Tensor images(dims, batch.dtype());
  std::memcpy(bytes(images), bytes(batch) + piece.first * each, piece.count * each);
  return images;
}

nn::Tensor joined(std::span<const nn::Tensor> pieces) {
  if (pieces.size() == 1) return pieces.front();
  nn::Dims dims = pieces.front().dims();
  dims.n = 0;
  for (const nn::Tensor& piece : pieces) dims.n += piece.dims().n;
  nn::Tensor all(dims, pieces.front().dtype());
  std::byte* to = bytes(all);
  for (const nn::Tensor& piece : pieces) {
    std::memcpy(to, bytes(piece), bytes_of(piece));
    to += bytes_of(piece);
  }
  return all;
}

nn::Tensor forward_in_pieces(const Network& network, Divider& divider, const nn::Tensor& x,
                             std::span<const float> timesteps, std::span<const int> labels) {
  const Division division = division_for(network, divider, timesteps.size());
  std::vector<nn::Tensor> outputs(division.pieces.size());
  divider.run(division, [&](std::size_t i, const Range& piece) {
    const auto own = [&](auto all) {
      return all.empty() ? all : all.subspan(piece.first, piece.count);
    };
    outputs[i] = network.forward(images_of(x, piece), own(timesteps), own(labels), nullptr);
  });
  return joined(outputs);
}

}  // namespace diffusion
