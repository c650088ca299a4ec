// Linear algebra, in double unless said (the door of xtensor-blas, OpenBLAS and LAPACK).
// Every function gives the same bits for any number of threads: work is split at
// fixed places, and each piece is done by one thread.
#pragma once
#include <optional>
#include <vector>

#include "lib/tensor/rows.hpp"
#include "lib/tensor/tensor.hpp"

namespace diffusion {

/// (m x k) times the transpose of (n x k): m x n.
Array multiply_transposed(const Array& a, const Array& b);

/// Every row of `a` times every row of `b`, in float32 and on one thread: out is
/// a.count x b.count.
void multiply_transposed(const RowsView& a, const RowsView& b, float* out);

/// Adds a (m x k) times b (k x n) to `sum` (m x n), on one thread.
void add_product(Array& sum, const Array& a, const Array& b);

/// Adds rows^T rows (rows: n x d) to the lower triangle of `sum` (d x d); what
/// stands above the diagonal is then meaningless until mirror_lower().
void add_gram(Array& sum, const Array& rows);

/// Copies the lower triangle of a square matrix over the upper one.
void mirror_lower(Array& matrix);

/// F (d x d, upper triangular) with F^T F = matrix: the Cholesky factorisation. Nothing
/// where the matrix is not positive definite to rounding.
std::optional<Array> cholesky(Array matrix);

/// F (r x d, r the numerical rank) with F^T F = matrix, for a symmetric positive
/// semi-definite matrix (d x d): the Cholesky factorisation with complete pivoting.
/// Of a matrix that is not semi-definite only a part is represented.
Array pivoted_cholesky(const Array& matrix);

/// F S F^T (r x r) of F (r x d) and a symmetric S (d x d), in the lower triangle alone.
/// What F begins its rows with in zeros is not worked on.
Array congruence(const Array& f, const Array& s);

/// Eigenvalues of a symmetric matrix, of which the lower triangle is read, ascending;
/// each is exact to about 1e-15 times the largest.
std::vector<double> eigenvalues(Array matrix);

/// Singular values in descending order; each is exact to about 1e-15 times the
/// largest. The matrix must be finite.
std::vector<double> singular_values(Array matrix);

}  // namespace diffusion
