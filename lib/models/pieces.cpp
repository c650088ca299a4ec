#include "lib/models/pieces.hpp"

#include <algorithm>
#include <cstring>

#include "lib/base/parallel.hpp"

namespace diffusion {
namespace {

// More than one, so that a thread that is held up leaves its share to others; few images in
// each, so that what a layer makes is still in the cache when the next one reads it.
constexpr std::size_t pieces_a_thread = 4, most_images = 8;

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

std::vector<Piece> pieces_of(std::size_t images) {
  const auto team = std::size_t(threads());
  if (images < team) return {{0, images}};
  const std::size_t each = images_in_a_piece(images, team);
  std::vector<Piece> pieces;
  for (std::size_t first = 0; first < images; first += each)
    pieces.push_back({first, std::min(each, images - first)});
  return pieces;
}

void for_each_piece(std::span<const Piece> pieces,
                    const std::function<void(std::size_t, const Piece&)>& body) {
  if (pieces.size() == 1) return body(0, pieces.front());
  parallel_for_alone(pieces.size(), [&](std::size_t i) { body(i, pieces[i]); });
}

nn::Tensor images_of(const nn::Tensor& batch, const Piece& piece) {
  nn::Dims dims = batch.dims();
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

nn::Tensor forward_in_pieces(const Network& network, const nn::Tensor& x,
                             std::span<const float> timesteps, std::span<const int> labels) {
  const auto pieces = pieces_of(timesteps.size());
  if (pieces.size() == 1) return network.forward(x, timesteps, labels, nullptr);
  std::vector<nn::Tensor> outputs(pieces.size());
  for_each_piece(pieces, [&](std::size_t i, const Piece& piece) {
    const auto own = [&](auto all) {
      return all.empty() ? all : all.subspan(piece.first, piece.count);
    };
    outputs[i] = network.forward(images_of(x, piece), own(timesteps), own(labels), nullptr);
  });
  return joined(outputs);
}

}  // namespace diffusion
