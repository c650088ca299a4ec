// The features `random-v1`: a convolutional network whose weights are drawn once
// and for all. It needs no download and still ranks sets of images.
// Naeem et al. 2020, "Reliable Fidelity and Diversity Metrics for Generative Models",
// Sec. 4, on random embeddings.
#pragma once
#include "lib/fid/features/features.hpp"
#include "lib/nn/graph.hpp"

namespace diffusion {

/// d = 512. The definition, which never changes under this name:
/// 1. values on the scale 0..255, rounded to 8 bits unless told otherwise; alpha is
///    dropped; each channel is resized to 64 x 64 (resize_clean) and clipped to
///    [0, 255]; grey is repeated to three channels; the network sees v / 127.5 - 1;
/// 2. four times: a 3 x 3 cross-correlation with stride 2, one row of zeros on every
///    side and no bias, to 64, 128, 256 and 512 channels, then max(0, x);
/// 3. the mean over the 4 x 4 positions left.
/// Weight number i of layer l = 0..3, in the order out x in x 3 x 3, is normal number i
/// of NoiseSource(0, "diff-fid") at id l, step 0, times sqrt(2 / (9 in)) (He 2015).
/// Takes no parameters.
FeatureExtractor random_features(Params& params, const FeatureSettings& settings);

/// The network of steps 2 and 3 for other engines: N x 64 x 64 x 3 -> N x 1 x 1 x 512.
nn::Graph random_network_graph();
/// The weights of that graph, in its order.
std::vector<float> random_graph_weights();

/// The weights of layer l, out x in x 3 x 3.
std::vector<float> random_network_weights(std::size_t layer);

/// Channels that go into layers 0..3, and those that leave the last.
inline constexpr std::size_t random_network_channels[] = {3, 64, 128, 256, 512};

}  // namespace diffusion
