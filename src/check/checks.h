/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The functions of rules[] that have no header of their own, by the file they stand in. Each looks at the
 * whole path and adds what speaks against it.
 */
#ifndef CHECK_CHECKS_H
#define CHECK_CHECKS_H

struct trial;

void readable_check(const struct trial *trial); /* rule_form.c */
void critical_check(const struct trial *trial);

void validity_check(const struct trial *trial); /* rule_path.c */
void signature_check(const struct trial *trial);
void anchored_check(const struct trial *trial);
void basic_constraints_check(const struct trial *trial);
void path_length_check(const struct trial *trial);
void max_depth_check(const struct trial *trial);

void key_usage_check(const struct trial *trial); /* rule_purpose.c */
void purpose_check(const struct trial *trial);

void store_purpose_check(const struct trial *trial); /* rule_store.c */
void store_constraint_check(const struct trial *trial);
void distrust_check(const struct trial *trial);
void distrust_after_check(const struct trial *trial);

void strength_check(const struct trial *trial); /* rule_strength.c */
void feature_check(const struct trial *trial);  /* rule_feature.c */

#endif
