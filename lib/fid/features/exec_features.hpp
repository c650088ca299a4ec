// Features from a program in any language.
#pragma once
#include "lib/fid/features/features.hpp"

namespace diffusion {

/// `exec:COMMAND`: COMMAND, run by /bin/sh -c, reads one .npy of images (N x H x W x 3, uint8)
/// from its standard input and answers one .npy (N x d of any float type) on its standard
/// output. It may go on reading and answering until its standard input closes, or end after
/// an answer: it is then started again for the next images. Grey is repeated to three
/// channels, values are rounded to 8 bits. What it says on standard error is in the message
/// of the Error when it fails, falls silent, answers another shape or values that are not
/// finite. The parameters are `command` and `patience`, the seconds it may be silent.
FeatureExtractor exec_features(Params& params, const FeatureSettings& settings);

}  // namespace diffusion
