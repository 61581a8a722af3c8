"""What ears are examined by: teacher and student hear the same clips and are asked the same way."""
